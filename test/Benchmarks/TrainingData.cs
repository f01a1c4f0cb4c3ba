using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Samples and conditions of noise: what they show does not matter for time and memory.</summary>
internal static class TrainingData
{
    public const int Rows = 1024;

    public static SampleBuffer Create(int size, ConditionLayout layout)
    {
        var data = new SampleBuffer(size, layout.Width);
        for (int i = 0; i < Rows; i++)
        {
            long row = data.Add();
            RowNoise.FillNormal(data.Sample(row), 1, new RowKey((ulong)i, 0), 0);
            Fill(data.Conditions(row), layout, i);
        }
        return data;
    }

    /// <summary>The conditions of a row: classes in turn, all else normal.</summary>
    public static void Fill(Span<float> conditions, ConditionLayout layout, int row)
    {
        for (int i = 0; i < layout.Slots.Count; i++)
        {
            var values = conditions.Slice(layout.OffsetOf(i), layout.Slots[i].Width);
            if (layout.Slots[i] is ClassCondition classes)
                values[0] = 1 + row % classes.Count;
            else
                RowNoise.FillNormal(values, 2, new RowKey((ulong)row), i);
        }
    }
}
