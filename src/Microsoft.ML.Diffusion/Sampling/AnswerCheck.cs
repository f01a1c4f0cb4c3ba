using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Finds the first answer of a denoiser that holds NaN or infinity. Each answer leaves only its sum, one number that stays on the device
/// and is read when the run is over, so that a run on an accelerator never waits for it.
/// </summary>
internal sealed class AnswerCheck : IDisposable
{
    private readonly List<(Tensor Sum, NoiseLevel Level)> _answers = [];

    public void Note(Tensor answer, NoiseLevel level) => _answers.Add((answer.sum(), level));

    public void ThrowIfNotFinite()
    {
        for (int i = 0; i < _answers.Count; i++)
            if (!double.IsFinite(_answers[i].Sum.Number()))
                throw new InvalidOperationException($"The denoiser answered with NaN or infinity at level {_answers[i].Level}, evaluation {i + 1} of {_answers.Count}.");
    }

    public void Dispose()
    {
        foreach (var (sum, _) in _answers)
            sum.Dispose();
    }
}
