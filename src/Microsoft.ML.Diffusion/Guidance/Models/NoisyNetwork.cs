using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A network that reads noisy samples of every level: it is given x/√(α²·σ_data² + σ²), whose variance is 1 (c_in of Karras et al. 2022, arXiv:2206.00364, Table 1), and told the level.
/// </summary>
/// <remarks>Immutable and thread safe but for changes of the parameters. Holds a share of the network, which whoever made it gives back.</remarks>
public sealed class NoisyNetwork
{
    private readonly EdmParameterization _scaling;

    /// <summary>A network of noisy samples.</summary>
    /// <param name="trained">The network, which takes no conditions.</param>
    /// <param name="dataScale">σ_data, the standard deviation of the data in model space; positive, finite.</param>
    /// <param name="levelInput">What the network is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
    /// <param name="leastRatio">The σ/α of the cleanest level that it knows: cleaner data is told as of this level. Finite, not negative; 0 unless given.</param>
    /// <exception cref="ArgumentException">The network takes conditions.</exception>
    [JsonConstructor]
    public NoisyNetwork(TrainedNetwork trained, double dataScale, LevelInput? levelInput = null, double leastRatio = 0)
    {
        if (!(leastRatio >= 0 && double.IsFinite(leastRatio)))
            throw new ArgumentOutOfRangeException(nameof(leastRatio), leastRatio, "The least noise ratio must be finite and not negative.");
        LeastRatio = leastRatio;
        ArgumentNullException.ThrowIfNull(trained);
        if (trained.Conditions.Slots.Count > 0)
            throw new ArgumentException($"The network takes conditions ({string.Join(", ", trained.Conditions.Slots)}); expected one that takes the noisy sample alone.", nameof(trained));
        Trained = trained;
        _scaling = new EdmParameterization(dataScale);
        LevelInput = levelInput ?? KnownLevelInputs.LogRatio;
    }

    /// <summary>The network, of which this holds a share.</summary>
    public TrainedNetwork Trained { get; }

    /// <summary>σ_data, the standard deviation of the data in model space.</summary>
    public double DataScale => _scaling.DataScale;

    /// <summary>What the network is told about the noise level.</summary>
    public LevelInput LevelInput { get; }

    /// <summary>The σ/α of the cleanest level that it knows.</summary>
    public double LeastRatio { get; }

    /// <summary>The answer of the network.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <param name="dropout">The rows' noise for dropout; null for none.</param>
    /// <returns>[B, ...], Float32, a fresh tensor through which gradients flow to x and to trainable parameters where they are recorded.</returns>
    /// <exception cref="ArgumentException">x or the levels do not fit the network.</exception>
    public Tensor Answer(Tensor x, NoiseLevels levels, RowNoise? dropout = null)
    {
        int rows = Trained.CheckBatch(x, levels);
        using var scaled = levels.Multiply(x, level => _scaling.At(level).In);
        var told = new float[rows];
        for (int row = 0; row < rows; row++)
            told[row] = (float)LevelInput.Of(levels[row].Ratio < LeastRatio ? NoiseLevel.FromRatio(LeastRatio) : levels[row]);
        return Trained.Answer(scaled, told, Conditioning.None, dropout);
    }
}
