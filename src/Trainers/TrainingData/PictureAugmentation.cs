namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Pictures of training turned, mirrored, scaled, stretched and moved at random, and the network told how, so that samples are not (Karras et al. 2022, arXiv:2206.00364, appendix F.2 and
/// Table 6): far more data from few pictures, without what plain augmentation leaks into samples.
/// </summary>
/// <remarks>
/// <para>
/// The network is told in nine numbers, in the reference's order: mirrored left to right, top to bottom, log₂ of the scale over its deviation, cos θ − 1 and sin θ of the turn, log₂ of the
/// stretch along its axis (two), and how far it is moved over the deviation (two). Each applies with <see cref="Probability"/>; a picture to which none applies has none to tell.
/// </para>
/// <para>Values between pixels are interpolated linearly, where the reference filters with a wavelet; edges reflect. A flip alone is exact. Immutable and thread safe.</para>
/// </remarks>
public sealed class PictureAugmentation
{
    /// <summary>How many numbers tell of an augmentation.</summary>
    public const int LabelSize = 9;

    /// <summary>The probability of each kind, in (0, 1]. 0.12 unless given.</summary>
    public double Probability
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Probability), value, "The probability of an augmentation must be in (0, 1].");
    } = 0.12;

    /// <summary>Whether half of all pictures are mirrored left to right, whatever the probability. Unless given, they are.</summary>
    public bool HorizontalFlips { get; init; } = true;

    /// <summary>Whether half of those it applies to are mirrored top to bottom. Unless given, they are.</summary>
    public bool VerticalFlips { get; init; } = true;

    /// <summary>The deviation of log₂ of the scale; finite, not negative. 0.2 unless given.</summary>
    public double Scale { get; init => field = Deviation(value, nameof(Scale)); } = 0.2;

    /// <summary>The largest turn, as a fraction of half a turn, in [0, 1]. 1 unless given.</summary>
    public double Rotation
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Rotation), value, "The largest turn must be in [0, 1].");
    } = 1;

    /// <summary>The deviation of log₂ of the stretch along an axis of random direction; finite, not negative. 0.2 unless given.</summary>
    public double Stretch { get; init => field = Deviation(value, nameof(Stretch)); } = 0.2;

    /// <summary>The deviation of the move, as a fraction of the picture's sides; finite, not negative. 0.125 unless given.</summary>
    public double Shift { get; init => field = Deviation(value, nameof(Shift)); } = 0.125;

    private static double Deviation(double value, string name)
        => value is >= 0 and < double.PositiveInfinity ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and not negative.");
}
