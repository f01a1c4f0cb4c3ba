namespace Microsoft.ML.Diffusion;

/// <summary>What the numbers of a guidance's input are.</summary>
public enum GuidanceContent
{
    /// <summary>Plain numbers: a Single, or a vector of Single.</summary>
    Numbers,

    /// <summary>Data in the units of the model's data, which reaches the guidance in model space.</summary>
    Data,

    /// <summary>A mask in [0, 1].</summary>
    Mask,

    /// <summary>A value of a condition: a class (a key), a vector or a sequence.</summary>
    Condition,
}
