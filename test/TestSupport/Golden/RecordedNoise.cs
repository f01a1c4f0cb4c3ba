using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// The draws that a reference recorded, a list with one entry (or none) for each of its steps. A plan draws only what it uses, so its
/// draws are matched by the step in which they fall.
/// </summary>
public sealed class RecordedNoise : INoiseSource
{
    private readonly Dictionary<int, JsonElement> _draws = [];

    /// <summary>Matches a plan's draws to recorded ones.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="recorded">The recorded draw of a step.</param>
    /// <param name="stepOf">The reference's step of a draw that the plan uses after a number of evaluations.</param>
    public RecordedNoise(SamplingPlan plan, Func<int, JsonElement> recorded, Func<int, int> stepOf)
    {
        int evaluations = 0;
        foreach (var instruction in plan.Instructions)
        {
            for (int i = 0; i < instruction.SourceCount; i++)
                if (instruction.SourceAt(i) is { Kind: RegisterKind.Noise } draw)
                    _draws.Add(draw.Index + 1, recorded(stepOf(evaluations)));
            if (instruction is Evaluate)
                evaluations++;
        }
    }

    public Tensor Normal(int draw, Tensor like)
    {
        // Some references want pictures, and recorded the same numbers with trailing dimensions of size 1.
        using var recorded = _draws[draw].ToTensor();
        return recorded.reshape(like.shape);
    }

    public Tensor Uniform(int draw, Tensor like) => Normal(draw, like);
}
