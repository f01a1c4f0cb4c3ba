using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What single edits must fulfil, whatever the weights.</summary>
[TestClass]
public sealed class EditLawTests : IDisposable
{
    private const int Rows = 9;

    private readonly EditLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [TestMethod]
    public void ImageToImage_StrengthOne_IsTheSampler()
    {
        foreach (var solver in new[] { KnownSolvers.DpmSolverPlusPlus2M, KnownSolvers.DdpmAncestral })
            EditLab.AssertSame(
                _lab.Run(_lab.Transforms.Sampler("Out", new() { Solver = solver, Steps = 4 }), EditRow.Make(Rows)),
                _lab.Run(_lab.Transforms.ImageToImage("Out", "X", new() { Solver = solver, Steps = 4, Strength = 1 }), EditRow.Make(Rows)));
    }

    [TestMethod]
    public void ImageToImage_StrengthZero_IsTheInput()
        => EditLab.AssertSame([.. EditRow.Make(Rows).Select(row => row.X)], _lab.Run(_lab.Transforms.ImageToImage("Out", "X", new() { Strength = 0 }), EditRow.Make(Rows)));

    [TestMethod]
    public void ImageToImage_MoreStrength_GoesFartherFromTheInput()
    {
        double[] distances = [.. new[] { 0.1, 0.5, 0.9 }.Select(strength =>
            _lab.Run(_lab.Transforms.ImageToImage("Out", "X", new() { Strength = strength }), EditRow.Make(Rows))
                .Zip(EditRow.Make(Rows), (result, row) => result.Zip(row.X, (a, b) => Math.Abs(a - b)).Sum()).Sum())];
        Assert.IsLessThan(distances[1], distances[0]);
        Assert.IsLessThan(distances[2], distances[1]);
    }

    [TestMethod]
    public void Inpaint_NothingToFill_IsTheInput()
    {
        var rows = EditRow.Make(Rows);
        foreach (var row in rows)
            row.Mask = [0, 0, 0, 0];
        EditLab.AssertSame([.. rows.Select(row => row.X)], _lab.Run(_lab.Transforms.Inpaint("Out", "X", "Mask", new() { Steps = 4, Resampling = new(1, 2) }), rows));
    }

    [TestMethod]
    public void Inpaint_AllToFill_IsTheSampler()
    {
        var rows = EditRow.Make(Rows);
        foreach (var row in rows)
            row.Mask = [1, 1, 1, 1];
        foreach (var solver in new[] { KnownSolvers.DdpmAncestral, KnownSolvers.Heun })
            EditLab.AssertSame(
                _lab.Run(_lab.Transforms.Sampler("Out", new() { Solver = solver, Steps = 4 }), rows),
                _lab.Run(_lab.Transforms.Inpaint("Out", "X", "Mask", new() { Solver = solver, Steps = 4 }), rows));
    }

    [TestMethod]
    public void Inpaint_SomeToFill_KeepsTheRestToTheBit()
    {
        var rows = EditRow.Make(Rows);
        var results = _lab.Run(_lab.Transforms.Inpaint("Out", "X", "Mask", new() { Steps = 4 }), rows);
        for (int i = 0; i < Rows; i++)
        {
            Assert.AreEqual(rows[i].X[2], results[i][2]);
            Assert.AreNotEqual(rows[i].X[1], results[i][1]);
        }
    }

    [TestMethod]
    [DataRow(-0.1f)]
    [DataRow(float.NaN)]
    public void Inpaint_MaskOutOfRange_NamesColumnRowAndValue(float value)
    {
        var rows = EditRow.Make(3);
        rows[1].Mask[2] = value;
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => _lab.Run(_lab.Transforms.Inpaint("Out", "X", "Mask", new() { Steps = 2 }), rows));
        Assert.Contains($"Column 'Mask', row 1: value 2 is {value}, expected a mask in [0, 1]", e.Message);
    }

    [TestMethod]
    public void Invert_ThenSampleFromLatents_BringsTheDataBack()
    {
        double[] errors = [.. new[] { 0, 4, 12 }.Select(refinements => RoundTripError(KnownSolvers.Ddim, refinements))];
        Console.WriteLine(string.Join(' ', errors));
        Assert.IsLessThan(errors[0] / 10, errors[1]);
        // Single precision, over 20 steps from σ = 80: 80 · 2⁻²⁴ · √20.
        Assert.IsLessThan(1e-4, errors[2]);
    }

    [TestMethod]
    public void Invert_Latents_HaveTheScaleOfTheNoiseTheyStandFor()
    {
        // What was sampled from noise leads back to that noise.
        var options = new SamplerEstimator.Options { Solver = KnownSolvers.Ddim, Steps = 10 };
        var sampler = _lab.Transforms.Sampler("Sampled", options);
        var model = _lab.Fit(sampler.Append(_lab.Transforms.Invert("Latent", "Sampled", new() { Steps = 10, Refinements = 12 }))
            .Append(_lab.Transforms.Sampler("Out", new() { Solver = KnownSolvers.Ddim, Steps = 10, LatentColumn = "Latent" })));
        var rows = EditRow.Make(200);
        EditLab.AssertClose(_lab.Run(model, rows, "Sampled"), _lab.Run(model, rows), 1e-3);
        double variance = _lab.Run(model, rows, "Latent").SelectMany(latent => latent).Average(value => value * value);
        // The mean square of 800 standard normal numbers, within three standard errors.
        Assert.AreEqual(1, variance, 3 * Math.Sqrt(2.0 / 800));
    }

    [TestMethod]
    public void Invert_StochasticOrMultistepSolver_IsRefusedAtOnce()
    {
        Assert.Contains("draws noise", Assert.ThrowsExactly<ArgumentException>(() => _lab.Transforms.Invert("Out", "X", new() { Solver = KnownSolvers.DdpmAncestral })).Message);
        Assert.Contains("depend on those before", Assert.ThrowsExactly<ArgumentException>(() => _lab.Transforms.Invert("Out", "X", new() { Solver = KnownSolvers.DpmSolverPlusPlus2M })).Message);
        Assert.Contains("draws noise", Assert.ThrowsExactly<ArgumentException>(() => _lab.Transforms.Interpolate("Out", "X", "Y", "Weight", new() { Solver = KnownSolvers.DdpmAncestral })).Message);
    }

    [TestMethod]
    [DataRow(0f, "X", false)]
    [DataRow(1f, "Y", false)]
    [DataRow(0f, "X", true)]
    [DataRow(1f, "Y", true)]
    public void Interpolate_AtTheEnds_IsTheRoundTrip(float weight, string column, bool linear)
    {
        var rows = EditRow.Make(Rows);
        foreach (var row in rows)
            row.Weight = weight;
        // Latents of a column are scaled to standard normal numbers and back, which rounds.
        EditLab.AssertClose(RoundTrip(column, KnownSolvers.Ddim, 4, rows), _lab.Run(_lab.Transforms.Interpolate("Out", "X", "Y", "Weight", new() { Linear = linear }), rows), Float32Tolerance.OfRun());
    }

    [TestMethod]
    public void Interpolate_LinearOrSlerp_DifferBetweenTheEnds()
        => Assert.AreNotSequenceEqual(
            _lab.Run(_lab.Transforms.Interpolate("Out", "X", "Y", "Weight"), EditRow.Make(3))[1],
            _lab.Run(_lab.Transforms.Interpolate("Out", "X", "Y", "Weight", new() { Linear = true }), EditRow.Make(3))[1]);

    [TestMethod]
    public void Interpolate_WeightOutOfRange_NamesColumnRowAndValue()
    {
        var rows = EditRow.Make(3);
        rows[2].Weight = 1.5f;
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => _lab.Run(_lab.Transforms.Interpolate("Out", "X", "Y", "Weight", new() { Steps = 2 }), rows));
        Assert.Contains("Column 'Weight', row 2: the weight is 1.5, expected a number in [0, 1]", e.Message);
    }

    [TestMethod]
    public void DenoiseFrom_NoisiestLevel_IsTheSamplerFromThatNoise()
    {
        // Latents are the start of a run; noisy data at the first level is such a start.
        var rows = EditRow.Make(Rows);
        var expected = _lab.Run(_lab.Transforms.Sampler("Out", new() { Steps = 5, LatentColumn = "Y" }), rows);
        var noisy = rows.Select((row, i) => EditRow.Make(Rows)[i]).ToArray();
        var codec = (StandardizingCodec)DenoiserHandle.Get(_lab.Fit(_lab.Transforms.Sampler("Out")).GetOutputSchema(EditRow.Load(_lab.Ml, 1).Schema), "Denoiser").Spec.Codec;
        foreach (var row in noisy)
        {
            row.X = [.. row.Y.Select(value => 80 * value)];
            codec.Decode(row.X);
        }
        EditLab.AssertClose(expected, _lab.Run(_lab.Transforms.DenoiseFrom("Out", "X", NoiseLevel.FromRatio(80), new() { Steps = 5 }), noisy), Float32Tolerance.OfRun());
    }

    [TestMethod]
    public void DenoiseFrom_LevelThatSamplingDoesNotVisit_NamesTheRange()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _lab.Fit(_lab.Transforms.DenoiseFrom("Out", "X", NoiseLevel.FromRatio(100))));
        Assert.Contains("from 0.002 to 80, got 100", e.Message);
    }

    [TestMethod]
    public void ImageToImage_DataNotValid_NamesColumnAndRow()
    {
        var rows = EditRow.Make(3);
        rows[1].X[0] = float.NaN;
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => _lab.Run(_lab.Transforms.ImageToImage("Out", "X"), rows));
        Assert.Contains("Column 'X', row 1: value 0 is NaN", e.Message);
    }

    private double RoundTripError(ISolver solver, int refinements)
    {
        var rows = EditRow.Make(Rows);
        return RoundTrip("X", solver, refinements, rows).Zip(rows, (back, row) => back.Zip(row.X, (a, b) => Math.Abs(a - b)).Max()).Max();
    }

    private float[][] RoundTrip(string column, ISolver solver, int refinements, IReadOnlyList<EditRow> rows)
        => _lab.Run(_lab.Transforms.Invert("Latent", column, new() { Solver = solver, Refinements = refinements })
            .Append(_lab.Transforms.Sampler("Out", new() { Solver = solver, LatentColumn = "Latent" })), rows);
}
