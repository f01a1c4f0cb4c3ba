using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Stochastic gradient Langevin dynamics over one flat buffer.</summary>
internal sealed class FlatSgld : FlatOptimizer
{
    // Noise is drawn in stretches of this length, each with a key of its own, on all cores.
    private const int Stretch = 1 << 14;

    private readonly OptimizerTask _task;
    private readonly double _temperature;
    private readonly Tensor _steps;
    private readonly float[] _noise;

    public FlatSgld(OptimizerTask task, SgldOptimizer options)
        : base(task.Parameters, task.Gradients)
    {
        (_task, _temperature) = (task, options.Temperature);
        _noise = new float[_temperature > 0 ? task.Parameters.size(0) : 0];
        using var noGrad = no_grad();
        _steps = zeros([], ScalarType.Int64).DetachFromDisposeScope();
    }

    public override IEnumerable<(string Name, Tensor Values)> State => [("steps", _steps)];

    public override void Step(double learningRate, double gradientDivisor)
    {
        using var noGrad = no_grad();
        using TorchSharp.Scalar step = -learningRate / gradientDivisor;
        if (_task.WeightDecay > 0)
            _task.Parameters.TimesInPlace(1 - learningRate * _task.WeightDecay);
        _task.Parameters.add_(_task.Gradients, step);
        long number = _steps.item<long>();
        if (_temperature > 0)
            AddNoise(Math.Sqrt(2 * learningRate * _temperature / _task.Rows), checked((int)number));
        _steps.fill_(number + 1);
    }

    public override void Dispose() => _steps.Dispose();

    private void AddNoise(double deviation, int step)
    {
        Parallel.For(0, (_noise.Length + Stretch - 1) / Stretch, index =>
            RowNoise.FillNormal(_noise.AsSpan(index * Stretch, Math.Min(Stretch, _noise.Length - index * Stretch)), _task.Seed, new RowKey((ulong)index, DrawKeys.Weights), step));
        using var host = tensor(_noise);
        using var noise = host.to(_task.Parameters.device);
        using TorchSharp.Scalar scale = deviation;
        _task.Parameters.add_(noise, scale);
    }
}
