using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Consistency distillation (Song et al. 2023, arXiv:2303.01469, Algorithm 2): the cleaner state is one step of the flow of a model that is trained already, by Heun's method in σ/α.
/// </summary>
public sealed class ConsistencyDistillationObjective : ConsistencyObjective
{
    /// <summary>Consistency distillation with 18 levels.</summary>
    public ConsistencyDistillationObjective()
        : base(new DoublingCourse(17, 17))
    {
    }

    /// <summary>Whether the step is Euler's, of one question to the teacher, instead of Heun's, of two. Not unless given.</summary>
    public bool Euler { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsTeacher => true;

    private protected override Tensor StepToCleaner(ObjectiveBatch batch, Tensor x, NoiseLevels from, NoiseLevels to)
    {
        var teacher = batch.Teacher ?? throw new InvalidOperationException("Distillation needs a teacher, but the batch has none.");
        double[] Each(Func<NoiseLevel, NoiseLevel, double> value) => [.. Enumerable.Range(0, from.Count).Select(row => value(from[row], to[row]))];
        Tensor Column(Func<NoiseLevel, NoiseLevel, double> value) => RowTensors.Column(Each(value), x);
        using var scope = NewDisposeScope();
        // On y = x/α: dy/dr = (y − D)/r.
        var y = x.mul(Column((a, _) => 1 / a.Alpha));
        var step = Column((a, b) => b.Ratio - a.Ratio);
        var alpha = Column((_, b) => b.Alpha);
        var slope = y.Minus(teacher(x, from)).mul(Column((a, _) => 1 / a.Ratio));
        var next = y.PlusProduct(slope, step);
        if (!Euler)
        {
            var following = next.Minus(teacher(next.mul(alpha), to)).mul(Column((_, b) => 1 / b.Ratio));
            next = y.PlusProduct(slope.Plus(following), step.Times(0.5));
        }
        return next.mul(alpha).MoveToOuterDisposeScope();
    }
}
