namespace Microsoft.ML.Diffusion;

/// <summary>
/// What was done to a training picture, told to the network so that it does not leak into samples (Karras et al. 2022, arXiv:2206.00364, section 5, non-leaky augmentation): a
/// <see cref="VectorCondition"/> of this name. Zeros stand for: nothing was done; so does a missing value, and what is sampled is not augmented.
/// </summary>
public static class AugmentationCondition
{
    /// <summary>The name by which the condition is told apart from those of the user's columns.</summary>
    public const string Name = "Augmentation";

    /// <summary>Whether a condition is the labels of augmentation.</summary>
    /// <param name="slot">The condition.</param>
    public static bool Is(ConditionSlot slot) => slot is VectorCondition { Name: Name };
}
