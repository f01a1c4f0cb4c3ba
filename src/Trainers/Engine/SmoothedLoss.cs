namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The exponential average of the last hundred losses or so, without the bias of its start (Kingma and Ba 2015, arXiv:1412.6980, section 3).</summary>
internal sealed class SmoothedLoss
{
    private const double Decay = 0.98;

    private double _sum;
    private double _weight;

    /// <summary>The sum and its weight, from which an average goes on.</summary>
    public (double Sum, double Weight) State
    {
        get => (_sum, _weight);
        set => (_sum, _weight) = value;
    }

    /// <summary>The average; NaN before the first loss.</summary>
    public double Value => _weight > 0 ? _sum / _weight : double.NaN;

    /// <summary>Takes a loss in.</summary>
    /// <param name="loss">The loss.</param>
    public void Add(double loss)
    {
        _sum = Decay * _sum + (1 - Decay) * loss;
        _weight = Decay * _weight + (1 - Decay);
    }
}
