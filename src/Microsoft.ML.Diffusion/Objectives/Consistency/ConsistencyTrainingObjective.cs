using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Consistency training (Song et al. 2023, arXiv:2303.01469, Algorithm 3, with the improvements of Song and Dhariwal 2023, arXiv:2310.14189): a consistency model from data alone. The two
/// states share row and noise. Draw levels with ln(σ/α) of mean −1.1 and deviation 2.
/// </summary>
public sealed class ConsistencyTrainingObjective : ConsistencyObjective
{
    /// <summary>Consistency training with 10 steps at first and 1,280 at last (Song and Dhariwal 2023, section 3.4).</summary>
    public ConsistencyTrainingObjective()
        : base(new DoublingCourse())
    {
    }

    private protected override Tensor StepToCleaner(ObjectiveBatch batch, Tensor x, NoiseLevels from, NoiseLevels to) => batch.Corrupt(to);
}
