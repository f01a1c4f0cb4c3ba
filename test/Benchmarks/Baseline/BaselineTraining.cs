using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>A training step as a competent TorchSharp user writes it: EDM's preconditioning and loss, AdamW, clipping, a moving average.</summary>
internal sealed class BaselineTraining : IDisposable
{
    private const double DataScale = 0.5;

    private readonly Func<Tensor, Tensor, Tensor> _answer;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _averages;
    private readonly AdamW _optimizer;
    private readonly Tensor _data;

    /// <param name="parameters">What is trained.</param>
    /// <param name="answer">The network's answer to noisy samples and what it is told of their levels.</param>
    /// <param name="batch">The sizes of a batch.</param>
    /// <param name="learningRate">The learning rate.</param>
    public BaselineTraining(IEnumerable<Parameter> parameters, Func<Tensor, Tensor, Tensor> answer, long[] batch, double learningRate)
    {
        _answer = answer;
        _parameters = [.. parameters];
        using (no_grad())
            _averages = [.. _parameters.Select(parameter => parameter.detach().clone())];
        _optimizer = optim.AdamW(_parameters, learningRate, weight_decay: 0);
        _data = randn(batch);
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        long[] rows = [_data.size(0), .. Enumerable.Repeat(1L, (int)_data.dim() - 1)];
        var sigma = (randn(rows) * 1.2 - 1.2).exp();
        var x = _data + sigma * randn_like(_data);
        var variance = sigma * sigma + DataScale * DataScale;
        var skip = DataScale * DataScale / variance;
        var deviation = variance.sqrt();
        var answer = _answer(x / deviation, sigma.log().flatten() / 4);
        var target = (_data - skip * x) / (sigma * DataScale / deviation);
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
        _data.Dispose();
    }
}
