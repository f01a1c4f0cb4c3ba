namespace Microsoft.ML.Diffusion;

/// <summary>The objectives of universal guidance. Names are those of the targets: in a pipeline, of columns that give each row's own.</summary>
public static class KnownGuidanceObjectives
{
    /// <summary>Look like a target where a mask is 1.</summary>
    /// <param name="target">The target: data of the model's shape, in its units.</param>
    /// <param name="mask">The mask in [0, 1]: 1 where the sample is to match.</param>
    /// <param name="deviation">How far, in model space, a value may lie from its target.</param>
    public static GuidanceObjective MatchUnderMask(string target, string mask, double deviation = 1) => new MaskedPictureObjective(target, mask, deviation);

    /// <summary>Look like a smaller picture once made as small.</summary>
    /// <param name="target">The small picture [C, H/factor, W/factor], in the units of the model's data.</param>
    /// <param name="factor">How many times as small it is.</param>
    /// <param name="deviation">How far, in model space, a pixel of it may lie from its target.</param>
    public static GuidanceObjective MatchLowResolution(string target, int factor, double deviation = 1) => new LowResolutionObjective(target, factor, deviation);

    /// <summary>Have a mean colour.</summary>
    /// <param name="target">The colour, a number for each channel, in the units of the model's data.</param>
    /// <param name="deviation">How far, in model space, the mean may lie from it.</param>
    public static GuidanceObjective MatchMeanColor(string target, double deviation = 0.1) => new MeanColorObjective(target, deviation);

    /// <summary>Look alike to a target, to an encoder.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="target">The target: data of the model's shape, in its units.</param>
    /// <param name="temperature">How much of a difference weighs.</param>
    public static GuidanceObjective MatchFeatures(IEncoder encoder, string target, double temperature = 0.1) => new FeatureObjective(encoder, target, temperature);

    /// <summary>Be of a class, to a classifier.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="target">The class: a key.</param>
    public static GuidanceObjective MatchClass(IClassifier classifier, string target) => new ClassObjective(classifier, target);

    /// <summary>What a TorchScript file says.</summary>
    /// <param name="path">A file that <c>torch.jit.save</c> wrote: see <see cref="TorchScriptObjective"/>.</param>
    /// <param name="targets">What rows give its forward after x0.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    public static GuidanceObjective FromTorchScript(string path, params IReadOnlyList<GuidanceInput> targets) => TorchScriptObjective.FromFile(path, targets);
}
