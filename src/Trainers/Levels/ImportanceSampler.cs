using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Draws levels by importance.</summary>
internal sealed class ImportanceSampler : LevelSampler
{
    private readonly ImportanceLevels _options;
    // Of each bin: how many losses it has, and the losses, oldest first.
    private readonly Tensor _losses;
    private int[] _drawn = [];

    public ImportanceSampler(ImportanceLevels options, NoiseSchedule schedule)
        : base(options, schedule)
    {
        _options = options;
        _losses = zeros(options.Bins, options.History + 1, ScalarType.Float32, CPU).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("losses of levels", _losses)];

    /// <inheritdoc/>
    public override (NoiseLevels Levels, float[]? Weights) Draw(double[] uniforms)
    {
        double[] shares = Shares(), ends = new double[shares.Length];
        double sum = 0;
        for (int bin = 0; bin < ends.Length; bin++)
            ends[bin] = sum += shares[bin];
        ends[^1] = 1;
        _drawn = new int[uniforms.Length];
        var weights = new float[uniforms.Length];
        var places = new double[uniforms.Length];
        for (int row = 0; row < uniforms.Length; row++)
        {
            int found = Array.BinarySearch(ends, uniforms[row]);
            int bin = _drawn[row] = Math.Min(found >= 0 ? found + 1 : ~found, ends.Length - 1);
            double begin = bin == 0 ? 0 : ends[bin - 1];
            double within = Math.Clamp((uniforms[row] - begin) / (ends[bin] - begin), 0, 1 - 1e-9);
            places[row] = Math.Clamp((bin + within) / _options.Bins, 1e-9, 1 - 1e-9);
            weights[row] = (float)(1 / (_options.Bins * shares[bin]));
        }
        return (PlainLevels(places), weights);
    }

    /// <inheritdoc/>
    public override void Learn(ReadOnlySpan<float> losses)
    {
        for (int row = 0; row < losses.Length; row++)
        {
            // A loss that is not finite ends the run, or is that of a step that was not done.
            if (!float.IsFinite(losses[row]))
                continue;
            var bin = Bin(_drawn[row]);
            var kept = bin[1..];
            int count = (int)bin[0];
            if (count == kept.Length)
                kept[1..].CopyTo(kept);
            else
                bin[0] = ++count;
            kept[count - 1] = losses[row];
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _losses.Dispose();
        base.Dispose();
    }

    /// <summary>How likely each bin is drawn.</summary>
    internal double[] Shares()
    {
        var shares = new double[_options.Bins];
        for (int bin = 0; bin < shares.Length; bin++)
        {
            var kept = Bin(bin);
            double squares = 0;
            foreach (float loss in kept[1..])
                squares += (double)loss * loss;
            shares[bin] = (int)kept[0] == _options.History ? Math.Sqrt(squares / _options.History) : double.NaN;
        }
        double sum = shares.Sum();
        if (!(sum > 0 && double.IsFinite(sum)))
        {
            Array.Fill(shares, 1.0 / _options.Bins);
            return shares;
        }
        return [.. shares.Select(share => share / sum * (1 - _options.UniformShare) + _options.UniformShare / _options.Bins)];
    }

    private Span<float> Bin(int bin) => MemoryMarshal.Cast<byte, float>(_losses.bytes).Slice(bin * (_options.History + 1), _options.History + 1);
}
