using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What guidances by a gradient have in common: a scale, of all rows or each row's own, and the way from the gradient to a shift of x̂0.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public abstract class GradientGuidance
{
    /// <summary>The name of the input with each row's own scale.</summary>
    public const string ScaleInput = "Scale";

    private protected GradientGuidance(double scale) => Scale = GuidanceScale.Check(scale);

    /// <summary>How much the gradient counts. 0: not at all; 1: as much as a probability does by Bayes' rule; larger: more.</summary>
    public double Scale { get; }

    /// <summary>How the gradient becomes a shift of x̂0. <see cref="KnownGuidanceShifts.Score"/> unless set.</summary>
    public GuidanceShift Shift { get; init; } = KnownGuidanceShifts.Score;

    /// <summary>Refuses networks of samples of another shape.</summary>
    private protected static void RequireShape(IEnumerable<TrainedNetwork> networks, DataShape shape, string what)
    {
        if (networks.FirstOrDefault(network => !network.Shape.Equals(shape)) is { } other)
            throw new ArgumentException($"{what} was trained on samples {other.Shape}, but the model makes samples {shape}.", nameof(shape));
    }

    /// <summary>x̂0 + shift(scale·gradient). Takes the answer over.</summary>
    /// <param name="answer">The denoiser's answer.</param>
    /// <param name="gradient">∇ ln p by x [B, ...].</param>
    /// <param name="scales">Each row's scale [B, 1, ...]; null for <see cref="Scale"/>.</param>
    /// <param name="step">The step.</param>
    internal Denoised Apply(Denoised answer, Tensor gradient, Tensor? scales, in StepContext step)
    {
        try
        {
            using var x0 = answer.X0;
            using var scaled = scales is null ? gradient.Times(Scale) : gradient.mul(scales);
            using var variance = answer.LogVariance?.detach();
            using var shift = Shift.Of(scaled, step, variance);
            using var cast = shift.to(x0.dtype);
            return answer with { X0 = x0.Plus(cast) };
        }
        catch
        {
            answer.LogVariance?.Dispose();
            throw;
        }
    }
}
