using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>A training step as a competent TorchSharp user writes it: EDM's preconditioning and loss, AdamW, clipping, a moving average.</summary>
internal sealed class BaselineTraining : IDisposable
{
    private const double DataScale = 0.5;

    private readonly BaselineUNet _network;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _averages;
    private readonly AdamW _optimizer;
    private readonly Tensor _pictures;
    private readonly Tensor _labels;

    public BaselineTraining(BaselineUNet network, int batch, double learningRate)
    {
        _network = network;
        _parameters = [.. network.parameters()];
        using (no_grad())
            _averages = [.. _parameters.Select(parameter => parameter.detach().clone())];
        _optimizer = optim.AdamW(_parameters, learningRate, weight_decay: 0);
        _pictures = randn(batch, 1, 28, 28);
        _labels = arange(batch, ScalarType.Int64) % NetworkPair.Classes + 1;
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var sigma = (randn(_pictures.size(0), 1, 1, 1) * 1.2 - 1.2).exp();
        var x = _pictures + sigma * randn_like(_pictures);
        var variance = sigma * sigma + DataScale * DataScale;
        var skip = DataScale * DataScale / variance;
        var deviation = variance.sqrt();
        var answer = _network.call(x / deviation, sigma.log().flatten() / 4, _labels);
        var target = (_pictures - skip * x) / (sigma * DataScale / deviation);
        var loss = F.mse_loss(answer, target);
        loss.backward();
        _ = loss.item<float>();
        Update();
    }

    /// <summary>What follows the gradient.</summary>
    public void Update()
    {
        nn.utils.clip_grad_norm_(_parameters, 1.0);
        _optimizer.step();
        using var noGrad = no_grad();
        for (int i = 0; i < _parameters.Length; i++)
            _averages[i].lerp_(_parameters[i], 0.001);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var average in _averages)
            average.Dispose();
        _pictures.Dispose();
        _labels.Dispose();
    }
}
