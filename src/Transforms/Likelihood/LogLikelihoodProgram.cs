using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Log-likelihoods of rows, from the schedule's smallest noise ratio to its largest: [B, 1].</summary>
internal sealed class LogLikelihoodProgram : RowProgram
{
    private readonly LogLikelihoodConfig _config;
    private readonly LogLikelihood _likelihood;
    private readonly TimeGrid _grid;
    private readonly int _size;
    private readonly int _firstDraw;

    public LogLikelihoodProgram(LogLikelihoodConfig config, NoiseSchedule schedule, int size, int firstDraw)
    {
        _config = config;
        _likelihood = new LogLikelihood(config.Likelihood);
        // Its ends alone count.
        _grid = schedule.DefaultSpacing.Grid(schedule, 2);
        _size = size;
        _firstDraw = firstDraw;
    }

    public override bool IsScalar => true;

    public override Tensor Run(RowBatch batch)
    {
        double alpha = LogLikelihood.DataLevel(_grid).Alpha;
        using var x = batch.Inputs[0].Times(alpha);
        using var result = _likelihood.Compute(_grid, batch.Denoiser, x, batch.Condition, batch.Noise, _firstDraw, batch.Progress);
        using Scalar volume = _size * Math.Log(alpha);
        using var density = result.LogDensity.add(volume);
        using var column = density.unsqueeze(1);
        return column.to(float32);
    }

    public override Tensor Ask(IDenoiser denoiser, Tensor x, in StepContext step, Conditioning condition)
    {
        using var on = enable_grad();
        using var state = x.clone();
        state.requires_grad_();
        using var answer = base.Ask(denoiser, state, step, condition);
        // Any direction will do: the answer itself.
        using var direction = answer.detach();
        using var gradient = Divergence.VectorJacobian(state, answer, direction, keepGraph: false);
        return cat([direction, gradient], 1);
    }

    public override void Finish(Span<float> result, IDataCodec codec, IReadOnlyList<InputRows> inputs, int place)
    {
        double nats = result[0] + codec.LogDeterminant(_size);
        if (_config.BitsPerDimension)
            result[0] = (float)LogLikelihood.BitsPerDimension(nats, _size, _config.BinWidth ?? 1);
        else
            result[0] = (float)(nats + _size * Math.Log(_config.BinWidth ?? 1));
    }
}
