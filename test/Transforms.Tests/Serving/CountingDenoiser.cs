using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// A denoiser that notes how many rows it is asked for, and calls back; its answers are a part of x, which may depend on the number of
/// rows.
/// </summary>
/// <param name="dependsOnRows">Whether answers do, as the sums of some kernels.</param>
internal sealed class CountingDenoiser(bool dependsOnRows = false) : IDenoiser
{
    private readonly List<long> _rows = [];

    public IReadOnlyList<long> Rows => _rows;

    public ICollection<long> Counts => _rows;

    public Action? Asked { get; set; }

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        lock (_rows)
            _rows.Add(x.size(0));
        Asked?.Invoke();
        return new Denoised(x.mul(dependsOnRows ? 0.5 + 0.001 * x.size(0) : 0.5));
    }

    public void Forget()
    {
        lock (_rows)
            _rows.Clear();
    }

    /// <summary>It as a model of points, whose conditions are labels a, b and c.</summary>
    public ITransformer Model(MLContext ml, SamplerEstimator.Options options, params IEstimator<ITransformer>[] further)
    {
        var data = ml.Data.LoadFromEnumerable(Point.Make(6));
        IEstimator<ITransformer> pipeline = ml.Diffusion().Transforms.NoiseSchedule("X").Append(new Estimator(ml, this)).Append(ml.Diffusion().Transforms.Sampler("Sample", options));
        foreach (var estimator in further)
            pipeline = pipeline.Append(estimator);
        return pipeline.Fit(data);
    }

    private sealed class Estimator(MLContext ml, IDenoiser denoiser) : IEstimator<DenoiserTransformer>
    {
        public DenoiserTransformer Fit(IDataView input)
        {
            var info = ForwardProcessInfo.Find(input.Schema, "X")!;
            var spec = new DenoiserSpec(new ResidualMlp { Width = 8, Blocks = 1 }, new EdmParameterization(), info.Process, info.Codec, info.Shape, info.DataScale, ConditionLayout.Empty);
            return new DenoiserTransformer(ml, new DenoiserModel(spec, denoiser, CPU), new DenoiserColumns("X", info.NoisedColumn, info.LevelColumn, []));
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shapes.With(inputSchema, DenoiserHandle.ShapeOf("Denoiser"), Shapes.Vector("Denoised"));
    }
}
