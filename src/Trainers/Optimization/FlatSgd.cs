using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Stochastic gradient descent over one flat buffer.</summary>
internal sealed class FlatSgd : FlatOptimizer
{
    private readonly Tensor _parameters;
    private readonly Tensor _gradients;
    private readonly Tensor? _velocity;
    private readonly SgdOptimizer _options;
    private readonly double _weightDecay;

    public FlatSgd(Tensor parameters, Tensor gradients, SgdOptimizer options, double weightDecay)
        : base(parameters, gradients)
    {
        (_parameters, _gradients, _options, _weightDecay) = (parameters, gradients, options, weightDecay);
        _velocity = options.Momentum > 0 ? Zeros(parameters) : null;
    }

    public override IEnumerable<(string Name, Tensor Values)> State => _velocity is null ? [] : [("velocity", _velocity)];

    public override void Step(double learningRate, double gradientDivisor)
    {
        using var noGrad = no_grad();
        if (_weightDecay > 0)
            _parameters.TimesInPlace(1 - learningRate * _weightDecay);
        // v ← μ·v + g, p ← p − η·v; Nesterov: p ← p − η·(g + μ·v).
        using Scalar gradientStep = -learningRate / gradientDivisor, velocityStep = -learningRate * (_options.Nesterov ? _options.Momentum : 1), share = 1 / gradientDivisor;
        if (_velocity is not null)
        {
            _velocity.TimesInPlace(_options.Momentum);
            _velocity.add_(_gradients, share);
            _parameters.add_(_velocity, velocityStep);
        }
        if (_velocity is null || _options.Nesterov)
            _parameters.add_(_gradients, gradientStep);
    }

    public override void Dispose() => _velocity?.Dispose();
}
