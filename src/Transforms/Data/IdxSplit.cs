namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Which of the two parts of a data set of the MNIST family.</summary>
public enum IdxSplit
{
    /// <summary>The files whose names begin with <c>train-</c>.</summary>
    Train,

    /// <summary>The files whose names begin with <c>t10k-</c> or <c>test-</c>.</summary>
    Test,
}
