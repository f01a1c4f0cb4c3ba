using Microsoft.ML.Diffusion;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>Answers as another denoiser does, and keeps what it was asked and what it answered, as pictures.</summary>
/// <param name="inner">The denoiser that answers.</param>
/// <param name="codec">The way from model space to pictures.</param>
/// <param name="dataScale">σ_data, the deviation of the data.</param>
internal sealed class RecordingDenoiser(IDenoiser inner, IDataCodec codec, double dataScale) : IDenoiser
{
    /// <summary>σ of each call.</summary>
    public List<double> Sigmas { get; } = [];

    /// <summary>The states of each call, one for each row, scaled to the deviation of the data as EDM's networks see them: else there were only black and white.</summary>
    public List<float[][]> States { get; } = [];

    /// <summary>The answers of each call.</summary>
    public List<float[][]> Estimates { get; } = [];

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        Denoised answer = inner.Denoise(x, step, condition);
        double sigma = step.Level[0].Ratio;
        Sigmas.Add(sigma);
        using Tensor scaled = x * (dataScale / Math.Sqrt(sigma * sigma + dataScale * dataScale));
        States.Add(Pictures(scaled));
        Estimates.Add(Pictures(answer.X0));
        return answer;
    }

    /// <summary>The rows of a batch as pictures.</summary>
    public float[][] Pictures(Tensor batch)
    {
        using Tensor rows = batch.reshape(batch.size(0), -1).cpu();
        float[][] pictures = [.. rows.data<float>().ToArray().Chunk((int)rows.size(1))];
        foreach (float[] picture in pictures)
            codec.DecodeSample(picture);
        return pictures;
    }
}
