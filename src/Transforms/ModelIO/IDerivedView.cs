namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Data computed from other data: lets a trainer find the schemas that its input came from.</summary>
internal interface IDerivedView : IDataView
{
    /// <summary>The data that this was computed from.</summary>
    IDataView Source { get; }
}
