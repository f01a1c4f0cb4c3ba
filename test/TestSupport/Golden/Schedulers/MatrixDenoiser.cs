using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The network of the matrix, out = A·x_in + b·cos(t/100) for each row, told and preconditioned as the library does with any network; double.</summary>
internal sealed class MatrixDenoiser(JsonElement model, SchedulerSettings settings, bool learnsVariance) : IDenoiser
{
    private readonly List<double[]> _inputs = [];
    private readonly List<double> _told = [];

    /// <summary>What the network was asked about, call by call.</summary>
    public IReadOnlyList<double[]> Inputs => _inputs;

    /// <summary>What it was told.</summary>
    public IReadOnlyList<double> Told => _told;

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var scope = NewDisposeScope();
        double told = settings.LevelInput.Of(step.Level[0], step.Level.Told);
        var input = step.Level.Multiply(x, level => settings.Parameterization.At(level).In);
        _told.Add(told);
        _inputs.Add(input.data<double>().ToArray());
        var x0 = settings.Parameterization.Denoise(x, Answer(input, "A", "b", null, told), step.Level);
        var place = learnsVariance ? Answer(input, "C", "c", "e", told) : null;
        var variance = place is null ? null : VarianceRange.LogVariance(place, step);
        return new Denoised(x0.MoveToOuterDisposeScope(), variance?.MoveToOuterDisposeScope());
    }

    private Tensor Answer(Tensor input, string matrix, string slope, string? shift, double told)
    {
        var rows = input.reshape(input.size(0), -1);
        var answer = rows.matmul(model.GetProperty(matrix).ToTensor().t()) + model.GetProperty(slope).ToTensor() * Math.Cos(told / 100);
        return (shift is null ? answer : answer + model.GetProperty(shift).ToTensor()).reshape(input.shape);
    }
}
