namespace Microsoft.ML.Diffusion;

/// <summary>What a noise schedule may ask about the data that it is fitted to. Measured when asked.</summary>
public interface IModelSpaceData
{
    /// <summary>The largest Euclidean distance between two examples in model space; 0 for a single one. May take a pass over the data.</summary>
    double LargestDistance();
}
