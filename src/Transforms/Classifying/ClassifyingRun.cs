using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Classifies rows in batches, each at its own level: probabilities, and the likeliest label.</summary>
internal sealed class ClassifyingRun(IClassifier classifier, Device device, NoisyRows rows, int size, RowAgreement agreement)
    : NoisyRun((x, levels) => Probabilities(classifier, x, levels), classifier, classifier.Classes, device, rows, size, agreement)
{
    public override Delegate MakeGetter(int output, Func<int> place) => output == ClassifierMap.ScoreOutput
        ? MakeGetter(place)
        : (ValueGetter<uint>)((ref uint label) => label = Likeliest(Result(place())));

    private static Tensor Probabilities(IClassifier classifier, Tensor x, NoiseLevels levels)
    {
        using var logarithms = classifier.LogProbabilities(x, levels);
        return logarithms.exp();
    }

    // Keys count from 1; 0 is missing: where a value of the row is NaN, so are the probabilities.
    private static uint Likeliest(ReadOnlySpan<float> scores) => scores.Contains(float.NaN) ? 0 : (uint)System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores) + 1;
}
