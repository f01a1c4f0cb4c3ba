using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The classes that rows give a guidance.</summary>
internal static class ClassLabels
{
    /// <summary>The labels of a classifier.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than classes.</exception>
    public static Vocabulary? Check(Vocabulary? labels, int classes)
        => labels is null || labels.Count == classes ? labels : throw new ArgumentException($"The classifier has {classes} classes, but {labels.Count} labels: {labels}.", nameof(labels));

    /// <summary>Each row's class, 1 … K; 0 for none.</summary>
    /// <param name="condition">The conditions of the batch.</param>
    /// <param name="slot">The slot of the input.</param>
    /// <param name="name">The name of the input.</param>
    /// <param name="classes">K.</param>
    /// <param name="missing">The class of rows that give none; null for none.</param>
    /// <param name="rows">The number of rows.</param>
    /// <exception cref="ArgumentException">A class is not in 0 … K; names the row.</exception>
    public static int[] Read(Conditioning condition, int slot, string name, int classes, int? missing, int rows)
    {
        using var given = GuidanceSlots.Find(condition, slot, name, 1);
        return given is null ? [.. Enumerable.Repeat(missing ?? 0, rows)] : Read(given, name, classes, missing);
    }

    /// <summary>Each row's class, 1 … K; 0 for none.</summary>
    /// <param name="given">What the rows give, [B, 1]: 1 … K; 0 or NaN for none.</param>
    /// <param name="name">The name of the input.</param>
    /// <param name="classes">K.</param>
    /// <param name="missing">The class of rows that give none; null for none.</param>
    /// <exception cref="ArgumentException">A class is not in 0 … K; names the row.</exception>
    public static int[] Read(Tensor given, string name, int classes, int? missing = null)
    {
        var labels = new int[given.size(0)];
        Array.Fill(labels, missing ?? 0);
        using var detached = given.detach();
        using var narrow = detached.to(ScalarType.Float32, CPU);
        using var host = narrow.contiguous();
        var values = MemoryMarshal.Cast<byte, float>(host.bytes);
        for (int row = 0; row < labels.Length; row++)
        {
            float value = values[row];
            if (value is 0 or float.NaN)
                continue;
            if (!(value >= 1 && value <= classes) || value != MathF.Floor(value))
                throw new ArgumentException(FormattableString.Invariant($"'{name}' of row {row}: expected a class 1 to {classes}, or 0 for none, got {value}."), nameof(given));
            labels[row] = (int)value;
        }
        return labels;
    }

    /// <summary>Each row's value at its class, [B]; 0 for rows without: a fresh tensor.</summary>
    /// <param name="values">[B, K].</param>
    /// <param name="labels">Each row's class, 1 … K; 0 for none.</param>
    public static Tensor Pick(Tensor values, int[] labels)
    {
        using var index = tensor([.. labels.Select(label => (long)Math.Max(label - 1, 0))], labels.Length, 1, device: values.device);
        using var picked = values.gather(1, index);
        using var flat = picked.view(-1);
        using var host = tensor([.. labels.Select(label => label > 0 ? 1.0 : 0)]);
        using var isGiven = host.to(values.dtype, values.device, copy: true);
        return flat.mul(isGiven);
    }
}
