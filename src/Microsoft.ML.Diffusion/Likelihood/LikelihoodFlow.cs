using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The probability-flow ODE with the divergence of its velocity as a further number of each row: [B, d + 1], Float64.</summary>
internal sealed class LikelihoodFlow : IRowOde, IDisposable
{
    private readonly ProbabilityFlow _flow;
    private readonly long[] _shape;
    private readonly ScalarType _type;
    private readonly Tensor[] _probes;

    public LikelihoodFlow(ProbabilityFlow flow, Tensor x, LogLikelihoodOptions options, INoiseSource noise, int firstDraw)
    {
        _flow = flow;
        _shape = x.shape;
        _type = x.dtype;
        Parts = [flow.Parts[0], 1];
        _probes = new Tensor[flow.Parts[0] <= options.ExactDimensions ? 0 : options.ProbeCount];
        for (int i = 0; i < _probes.Length; i++)
            _probes[i] = options.Probes.Draw(noise, firstDraw + i, x);
    }

    public IReadOnlyList<int> Parts { get; }

    public NoiseLevel LevelAt(double time) => _flow.LevelAt(time);

    /// <summary>The state of data: its values, and 0.</summary>
    public static Tensor StartOf(Tensor x)
    {
        using var flat = x.reshape(x.size(0), -1);
        using var wide = flat.to(ScalarType.Float64);
        using var none = zeros(x.size(0), 1, ScalarType.Float64, x.device);
        return cat([wide, none], 1);
    }

    public Tensor Slope(Tensor state, double[] times)
    {
        using var states = state.narrow(1, 0, Parts[0]);
        using var shaped = states.reshape(_shape);
        using var x = shaped.to(_type, copy: true);
        x.requires_grad_();
        using var on = enable_grad();
        using var drift = _flow.Drift(x, times);
        using var divergence = DivergenceOf(x, drift);
        using var column = divergence.unsqueeze(1);
        using var flat = drift.reshape(x.size(0), -1);
        using var velocity = flat.to(ScalarType.Float64);
        using var change = column.to(ScalarType.Float64);
        using var slope = cat([velocity, change], 1);
        return slope.detach();
    }

    public void Dispose()
    {
        foreach (var probe in _probes)
            probe.Dispose();
    }

    private Tensor DivergenceOf(Tensor x, Tensor drift)
    {
        if (_probes.Length == 0)
            return Divergence.Exact(x, drift);
        var sum = zeros(x.size(0), x.dtype, x.device);
        for (int i = 0; i < _probes.Length; i++)
        {
            using var along = Divergence.Along(x, drift, _probes[i], keepGraph: i < _probes.Length - 1);
            sum.PlusInPlace(along);
        }
        return sum.TimesInPlace(1.0 / _probes.Length);
    }
}
