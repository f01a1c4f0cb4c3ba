using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Classifies rows in batches, each at its own level.</summary>
internal sealed class ClassifyingRun(IClassifier classifier, Device device, NoisyRows rows, int size) : BatchRun
{
    private readonly float[] _scores = new float[size * classifier.Classes];

    public override void Load(int place) => rows.Load(place);

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var x = rows.ToTensor(device);
        using var logarithms = classifier.LogProbabilities(x, rows.Levels);
        using var probabilities = logarithms.exp();
        using var wide = probabilities.to(float32);
        using var host = wide.cpu();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(_scores);
    }

    public override ReadOnlySpan<float> Result(int place) => _scores.AsSpan(place * classifier.Classes, classifier.Classes);

    public override Delegate MakeGetter(int output, Func<int> place) => output == ClassifierMap.ScoreOutput
        ? MakeGetter(place)
        : (ValueGetter<uint>)((ref uint label) => label = Likeliest(Result(place())));

    // Keys count from 1; 0 is missing: where a value of the row is NaN, so are the probabilities.
    private static uint Likeliest(ReadOnlySpan<float> scores) => scores.Contains(float.NaN) ? 0 : (uint)TensorPrimitives.IndexOfMax(scores) + 1;
}
