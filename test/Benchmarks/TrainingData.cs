using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Pictures of noise with classes: what they show does not matter for time and memory.</summary>
internal static class TrainingData
{
    public const int Rows = 1024;

    public static SampleBuffer Create(int size)
    {
        var data = new SampleBuffer(size, 1);
        for (int i = 0; i < Rows; i++)
        {
            long row = data.Add();
            RowNoise.FillNormal(data.Sample(row), 1, new RowKey((ulong)i, 0), 0);
            data.Conditions(row)[0] = 1 + i % NetworkPair.Classes;
        }
        return data;
    }
}
