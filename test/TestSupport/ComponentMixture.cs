using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>
/// The exact denoiser of a mixture with the number of the component as its class: rows of class k get that of component k, rows without the whole mixture's. As a classifier it is the exact p(k | x) at
/// every level.
/// </summary>
public sealed class ComponentMixture : IDenoiser, IClassifier
{
    private readonly double[] _weights;
    private readonly GaussianMixtureDenoiser _whole;
    private readonly GaussianMixtureDenoiser[] _components;

    public ComponentMixture(double[] weights, double[][] means, double[][,] covariances)
    {
        _weights = weights;
        _whole = new GaussianMixtureDenoiser(weights, means, covariances);
        _components = [.. weights.Select((_, k) => new GaussianMixtureDenoiser([1.0], [means[k]], [covariances[k]]))];
        Layout = new([new ClassCondition("Class", weights.Length)]);
    }

    /// <summary>Three components in the plane, which overlap.</summary>
    public static ComponentMixture Plane { get; } = new(
        [0.3, 0.5, 0.2],
        [[-1.0, 0.5], [0.8, -0.4], [0.2, 1.3]],
        [new[,] { { 0.2, 0.08 }, { 0.08, 0.15 } }, new[,] { { 0.1, -0.05 }, { -0.05, 0.3 } }, new[,] { { 0.3, 0.1 }, { 0.1, 0.2 } }]);

    public ConditionLayout Layout { get; }

    public int Classes => _weights.Length;

    /// <summary>The batches that were asked for.</summary>
    public List<long> Batches { get; } = [];

    public IDenoiser Whole => _whole;

    /// <summary>The denoiser of a component, 1 … K.</summary>
    public IDenoiser this[int component] => _components[component - 1];

    /// <summary>Rows of classes.</summary>
    public Conditioning Rows(params float[] classes) => new(Layout, tensor(classes, classes.Length, 1));

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        lock (Batches)
            Batches.Add(x.size(0));
        using var scope = NewDisposeScope();
        var classes = condition.Slot(0);
        var answer = _whole.Denoise(x, step, Conditioning.None).X0;
        for (int k = 1; k <= Classes; k++)
            answer = where(classes.eq(full_like(classes, k)), _components[k - 1].Denoise(x, step, Conditioning.None).X0, answer);
        return new Denoised(answer.MoveToOuterDisposeScope());
    }

    public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
    {
        if (levels.Count > 1)
        {
            using var rowScope = NewDisposeScope();
            return cat([.. Enumerable.Range(0, levels.Count).Select(row => LogProbabilities(x.narrow(0, row, 1), levels[row]))]).MoveToOuterDisposeScope();
        }
        using var scope = NewDisposeScope();
        var logs = _components.Select((component, k) => component.LogDensity(x, levels[0]).add(Math.Log(_weights[k]))).ToArray();
        return stack(logs, 1).log_softmax(1).MoveToOuterDisposeScope();
    }
}
