using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Pairs the rows of a batch among those of equal conditions. Otherwise the rows of a class would only meet the noise that lies towards them, while samples of the class start from all
/// of it: the flow would be learnt where samples never are (Cheng and Schwing 2025, arXiv:2503.10636).
/// </summary>
internal static class ConditionalPairing
{
    /// <summary>The noise of each row, a permutation of 0 … rows − 1; null for its own.</summary>
    /// <param name="pairing">Who meets whom among rows of one condition.</param>
    /// <param name="samples">The rows in model space, one after the other.</param>
    /// <param name="noise">The noises, one after the other.</param>
    /// <param name="conditions">The packed conditions, one row's after the other's; empty where there are none.</param>
    /// <param name="rows">The number of rows.</param>
    public static int[]? Pair(NoisePairing pairing, ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, ReadOnlySpan<float> conditions, int rows)
    {
        if (!pairing.ReadsSamples || conditions.IsEmpty)
            return pairing.Pair(samples, noise, rows);
        int[] order = [.. Enumerable.Range(0, rows)];
        foreach (int[] group in Groups(conditions, rows))
        {
            if (pairing.Pair(Of(group, samples, rows), Of(group, noise, rows), group.Length) is not { } places)
                continue;
            for (int i = 0; i < group.Length; i++)
                order[group[i]] = group[places[i]];
        }
        return order;
    }

    // By bits: a missing number is NaN, which equals no number.
    private static IEnumerable<int[]> Groups(ReadOnlySpan<float> conditions, int rows)
    {
        int width = conditions.Length / rows;
        var groups = new Dictionary<string, List<int>>();
        for (int row = 0; row < rows; row++)
        {
            string key = MemoryMarshal.Cast<float, char>(conditions.Slice(row * width, width)).ToString();
            if (!groups.TryGetValue(key, out var members))
                groups[key] = members = [];
            members.Add(row);
        }
        return groups.Values.Select(members => members.ToArray());
    }

    private static float[] Of(int[] group, ReadOnlySpan<float> values, int rows)
    {
        int width = values.Length / rows;
        var taken = new float[group.Length * width];
        for (int i = 0; i < group.Length; i++)
            values.Slice(group[i] * width, width).CopyTo(taken.AsSpan(i * width));
        return taken;
    }
}
