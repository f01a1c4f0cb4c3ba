using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The draws of a case: each call of the reference takes as many as the case says, whether the plan uses them or not.</summary>
internal sealed class MatrixNoise : INoiseSource
{
    private readonly Dictionary<int, double[]> _draws = [];

    public MatrixNoise(SamplingPlan plan, JsonElement noise, double[] perCall)
    {
        int calls = 0;
        var taken = new Dictionary<int, int>();
        foreach (var instruction in plan.Instructions)
        {
            for (int i = 0; i < instruction.SourceCount; i++)
            {
                if (instruction.SourceAt(i) is not { Kind: RegisterKind.Noise } draw || _draws.ContainsKey(draw.Index + 1))
                    continue;
                // Noise before a call, churn, is that call's in the reference as well: it stands before the first, and with the step else.
                int call = Math.Max(0, calls - 1), place = taken.GetValueOrDefault(call);
                if (place >= (int)perCall.ElementAtOrDefault(call))
                    (call, place) = (call + 1, taken.GetValueOrDefault(call + 1));
                taken[call] = place + 1;
                _draws[draw.Index + 1] = noise[(int)perCall.Take(call).Sum() + place].Numbers();
            }
            if (instruction is Evaluate)
                calls++;
        }
    }

    public Tensor Normal(int draw, Tensor like) => tensor(_draws[draw], like.shape);

    public Tensor Uniform(int draw, Tensor like) => throw new NotSupportedException();
}
