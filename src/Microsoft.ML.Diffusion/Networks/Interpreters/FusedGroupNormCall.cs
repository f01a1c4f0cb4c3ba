using System.Runtime.Intrinsics;

namespace Microsoft.ML.Diffusion;

/// <summary>One call of <see cref="FusedGroupNorm"/>: what its threads share.</summary>
internal unsafe struct FusedGroupNormCall
{
    public float* Source;
    public float* Target;
    public float* Weight;
    public float* Bias;
    public float* Modulation;
    public int Rows;
    public int Groups;
    public int Channels;
    public int Pixels;
    public float Epsilon;
    public bool Activate;

    private static int Width => Vector512<float>.Count;

    /// <summary>Normalises a row, [pixels, channels].</summary>
    public readonly void Normalise(int row)
    {
        long start = (long)row * Pixels * Channels;
        float* means = stackalloc float[3 * Channels];
        float* factors = means + Channels;
        float* offsets = factors + Channels;
        Moments(Source + start, means, factors);
        for (int group = 0; group < Groups; group++)
            Coefficients(row, group, means, factors, offsets);
        Apply(Source + start, Target + start, means, factors, offsets);
    }

    // The mean of each channel, and the sum of squared deviations from it. Deviations from the first pixel are summed, so that a mean far from zero
    // costs no digits.
    private readonly void Moments(float* x, float* means, float* squares)
    {
        int channel = 0;
        for (; channel <= Channels - Width; channel += Width)
        {
            var origin = Vector512.Load(x + channel);
            Vector512<float> sum = default, square = default;
            float* at = x + channel;
            for (int pixel = 0; pixel < Pixels; pixel++, at += Channels)
            {
                var deviation = Vector512.Load(at) - origin;
                sum += deviation;
                square = Vector512.FusedMultiplyAdd(deviation, deviation, square);
            }
            var mean = sum / Vector512.Create((float)Pixels);
            (origin + mean).Store(means + channel);
            (square - sum * mean).Store(squares + channel);
        }
        for (; channel < Channels; channel++)
        {
            float sum = 0, square = 0;
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                float deviation = x[(long)pixel * Channels + channel] - x[channel];
                sum += deviation;
                square += deviation * deviation;
            }
            means[channel] = x[channel] + sum / Pixels;
            squares[channel] = square - sum * sum / Pixels;
        }
    }

    // From the moments of a group's channels (Chan et al. 1983, eq. 2.1b) to what Apply needs: the group's mean, factor (where the squares were) and offset.
    private readonly void Coefficients(int row, int group, float* means, float* squares, float* offsets)
    {
        int size = Channels / Groups, first = group * size;
        float mean = 0, square = 0;
        for (int channel = first; channel < first + size; channel++)
            mean += means[channel] / size;
        for (int channel = first; channel < first + size; channel++)
            square += squares[channel] + Pixels * (means[channel] - mean) * (means[channel] - mean);
        float inverse = 1 / MathF.Sqrt(Math.Max(0, square / ((float)size * Pixels)) + Epsilon);
        float* numbers = Modulation is null ? null : Modulation + (long)row * 2 * Channels;
        for (int channel = first; channel < first + size; channel++)
        {
            float scale = numbers is null ? 1 : 1 + numbers[channel];
            means[channel] = mean;
            squares[channel] = Weight[channel] * inverse * scale;
            offsets[channel] = Bias[channel] * scale + (numbers is null ? 0 : numbers[Channels + channel]);
        }
    }

    private readonly void Apply(float* x, float* y, float* means, float* factors, float* offsets)
    {
        int channel = 0;
        for (; channel <= Channels - Width; channel += Width)
        {
            Vector512<float> mean = Vector512.Load(means + channel), factor = Vector512.Load(factors + channel), offset = Vector512.Load(offsets + channel);
            for (long at = channel; at < (long)Pixels * Channels; at += Channels)
            {
                var value = Vector512.FusedMultiplyAdd(Vector512.Load(x + at) - mean, factor, offset);
                (Activate ? value / (Vector512<float>.One + Exp(-value)) : value).Store(y + at);
            }
        }
        for (; channel < Channels; channel++)
            for (long at = channel; at < (long)Pixels * Channels; at += Channels)
            {
                float value = (x[at] - means[channel]) * factors[channel] + offsets[channel];
                y[at] = Activate ? value / (1 + MathF.Exp(-value)) : value;
            }
    }

    // 2ⁿ·eʳ with |r| ≤ ln2/2 and the Taylor polynomial of degree 6, whose error is below a unit in the last place of 1 + eˣ. The framework's own goes
    // through double precision, which costs as much as the rest of the pass.
    private static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(88f));
        var n = Vector512.Round(x * 1.44269504f);
        // ln2 in two parts, the first exact in few digits (Cody and Waite 1980).
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1f / 720), Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        return p * Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
    }
}
