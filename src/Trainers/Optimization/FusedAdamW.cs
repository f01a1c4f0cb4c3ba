using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2) over one flat buffer, as one fused kernel that also scales
/// the gradient down to a largest norm.
/// </summary>
/// <remarks>The kernel, <c>_fused_adamw_</c>, has no binding in TorchSharp: TorchScript reaches it. Owns its moments, not what it updates.</remarks>
internal sealed class FusedAdamW : FlatOptimizer
{
    private const string Source = """
        def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], vmax: List[Tensor], steps: List[Tensor], scale: Tensor, lr: float, beta1: float, beta2: float, decay: float, eps: float):
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(p, g, m, v, vmax, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=scale)
            return steps[0]

        """;

    // Compiled once a process: it holds code, no state.
    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile(Source));

    private readonly Tensor[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly Tensor[] _means;
    private readonly Tensor[] _variances;
    private readonly Tensor[] _steps;
    private readonly Tensor _scale;
    // Numbers that outlive their calls: those TorchSharp makes of doubles can be collected while libtorch reads them.
    private readonly Scalar _beta1, _beta2, _weightDecay, _epsilon;

    /// <summary>An optimizer with empty moments.</summary>
    /// <param name="parameters">The flat parameters [N], Float32, updated in place.</param>
    /// <param name="gradients">The flat gradients [N], Float32.</param>
    /// <param name="options">The decay rates of the moments.</param>
    /// <param name="weightDecay">How much of each parameter decays per step, in units of the learning rate.</param>
    public FusedAdamW(Tensor parameters, Tensor gradients, AdamWOptimizer options, double weightDecay)
        : base(parameters, gradients)
    {
        using var noGrad = no_grad();
        _parameters = [parameters];
        _gradients = [gradients];
        _means = [Zeros(parameters)];
        _variances = [Zeros(parameters)];
        _steps = [zeros([], ScalarType.Float32, parameters.device).DetachFromDisposeScope()];
        _scale = ones([], ScalarType.Float32, parameters.device).DetachFromDisposeScope();
        (_beta1, _beta2, _weightDecay, _epsilon) = (options.Beta1, options.Beta2, weightDecay, options.Epsilon);
    }

    public override IEnumerable<(string Name, Tensor Values)> State => [("means", _means[0]), ("variances", _variances[0]), ("steps", _steps[0])];

    public override void Step(double learningRate, double gradientDivisor)
    {
        using var noGrad = no_grad();
        using Scalar divisor = gradientDivisor, rate = learningRate;
        _scale.fill_(divisor);
        using var step = (Tensor)Kernel.Value.invoke("step", _parameters, _gradients, _means, _variances, Array.Empty<Tensor>(), _steps,
            _scale, rate, _beta1, _beta2, _weightDecay, _epsilon);
    }

    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. _means, .. _variances, .. _steps, _scale])
            tensor.Dispose();
        foreach (var number in (Scalar[])[_beta1, _beta2, _weightDecay, _epsilon])
            number.Dispose();
    }
}
