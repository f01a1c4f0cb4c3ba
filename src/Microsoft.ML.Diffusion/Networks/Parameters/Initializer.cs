namespace Microsoft.ML.Diffusion;

/// <summary>How a parameter starts: every value independent, normal or uniform or constant.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Scale">The standard deviation (normal) or half the width (uniform); 0 for a constant.</param>
/// <param name="Uniform">Whether values are uniform in Mean ± Scale instead of normal.</param>
public readonly record struct Initializer(double Mean, double Scale, bool Uniform)
{
    /// <summary>All zeros: for the last layer of a residual branch.</summary>
    public static Initializer Zeros => new(0, 0, false);

    /// <summary>All ones.</summary>
    public static Initializer Ones => new(1, 0, false);

    /// <summary>Normal with a standard deviation.</summary>
    /// <param name="deviation">The standard deviation.</param>
    public static Initializer Normal(double deviation) => new(0, deviation, false);

    /// <summary>Uniform in ±1/√fanIn, PyTorch's usual for convolutions and linear layers.</summary>
    /// <param name="fanIn">The number of inputs of a unit.</param>
    public static Initializer FanIn(int fanIn) => new(0, 1 / Math.Sqrt(fanIn), true);

    /// <summary>Xavier Glorot's uniform start of weights, with biases of zero (Glorot and Bengio 2010): uniform in ±gain·√(6/(fanIn + fanOut)).</summary>
    /// <param name="fanIn">The number of inputs of a unit, places of a kernel included.</param>
    /// <param name="fanOut">The number of units that an input reaches, places of a kernel included.</param>
    /// <param name="gain">The factor.</param>
    public static Initializer Xavier(int fanIn, int fanOut, double gain = 1) => new(0, gain * Math.Sqrt(6.0 / (fanIn + fanOut)), true) { ZeroBias = true };

    /// <summary>Whether the bias of a layer that starts like this starts at zero.</summary>
    public bool ZeroBias { get; init; }

    /// <summary>How the bias of a layer starts.</summary>
    internal Initializer OfBias => ZeroBias ? Zeros : this;

    /// <summary>Draws the starting values.</summary>
    internal void Fill(Span<float> values, ulong seed, RowKey key)
    {
        if (Scale == 0)
        {
            values.Fill((float)Mean);
            return;
        }
        if (Uniform)
            RowNoise.FillUniform(values, seed, key, 0);
        else
            RowNoise.FillNormal(values, seed, key, 0);
        var (factor, offset) = Uniform ? (2 * Scale, Mean - Scale) : (Scale, Mean);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(factor * values[i] + offset);
    }
}
