using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>A model with one condition of one class: a mixture for rows of the class, another for rows without.</summary>
public sealed class ConditionalMixture(IDenoiser conditional, IDenoiser unconditional) : IDenoiser
{
    /// <summary>The class.</summary>
    public static ConditionLayout Layout { get; } = new([new ClassCondition("Class", 1)]);

    /// <summary>Rows of the class.</summary>
    public static Conditioning Rows(long rows) => new(Layout, ones(rows, 1));

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var with = conditional.Denoise(x, step, Conditioning.None).X0;
        using var without = unconditional.Denoise(x, step, Conditioning.None).X0;
        using var classes = condition.Slot(0);
        using var isMissing = classes.eq(zeros_like(classes));
        return new Denoised(where(isMissing, without, with));
    }
}
