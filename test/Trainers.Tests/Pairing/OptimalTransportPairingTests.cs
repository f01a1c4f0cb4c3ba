namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class OptimalTransportPairingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(7)]
    public void Solve_RandomCosts_IsTheLeastOfAllPermutations(int size)
    {
        for (int problem = 0; problem < 20; problem++)
        {
            double[] numbers = Normal(size * size, problem);
            var costs = new double[size, size];
            for (int i = 0; i < numbers.Length; i++)
                // Half of the problems have ties.
                costs[i / size, i % size] = problem % 2 == 0 ? numbers[i] : Math.Round(numbers[i]);
            int[] found = Assignment.Solve(costs);
            Assert.AreSequenceEqual(Enumerable.Range(0, size), found.Order());
            double least = Permutations(size).Min(order => order.Select((column, row) => costs[row, column]).Sum());
            Assert.AreEqual(least, found.Select((column, row) => costs[row, column]).Sum(), 1e-12);
        }
    }

    [TestMethod]
    public void Solve_OneDimension_IsTheOrder()
    {
        // Of squared distances on a line the sorted order is best.
        double[] a = Normal(200, 1), b = Normal(200, 2);
        var costs = new double[200, 200];
        for (int i = 0; i < 200; i++)
            for (int j = 0; j < 200; j++)
                costs[i, j] = (a[i] - b[j]) * (a[i] - b[j]);
        int[] found = Assignment.Solve(costs);
        Assert.AreSequenceEqual(b.Order(), Enumerable.Range(0, 200).OrderBy(i => a[i]).Select(i => b[found[i]]));
    }

    [TestMethod]
    public void Solve_CostThatIsNotFinite_IsRefused() => Assert.ThrowsExactly<ArgumentException>(() => Assignment.Solve(new[,] { { double.NaN } }));

    [TestMethod]
    public void Batch_OptimalTransport_MovesNoisesAloneAndCostsLess()
    {
        using var rows = new SampleBuffer(3, 0);
        for (int row = 0; row < 50; row++)
            Normal(3, 100 + row).Select(value => (float)value).ToArray().CopyTo(rows.Sample(rows.Add()));
        BatchSource Source(NoisePairing pairing) => new(rows, new DataShape(3), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.RectifiedFlow), 1, 32, 0, pairing: pairing);
        using var plain = Source(KnownPairings.Independent).Batch(4);
        using var paired = Source(KnownPairings.OptimalTransport).Batch(4);
        using var again = Source(KnownPairings.OptimalTransport).Batch(4);
        float[] x0 = [.. plain.X0.data<float>()], own = [.. plain.Latent.data<float>()], noise = [.. paired.Latent.data<float>()];
        Assert.AreSequenceEqual(x0, paired.X0.data<float>().ToArray());
        Assert.AreSequenceEqual(noise, again.Latent.data<float>().ToArray());
        static string[] Rows(float[] values) => [.. values.Chunk(3).Select(row => string.Join(" ", row)).Order()];
        Assert.AreSequenceEqual(Rows(own), Rows(noise));
        double Cost(float[] values) => values.Zip(x0, (a, b) => Math.Pow(a - b, 2)).Sum();
        Assert.IsLessThan(0.7 * Cost(own), Cost(noise));
    }

    [TestMethod]
    public void Fit_OptimalTransport_FewStepsSampleTheClouds()
    {
        // Through independent pairs the flow is bent: two steps of Euler's method leave a quarter of the samples between the clouds.
        double independent = Between(KnownPairings.Independent), optimal = Between(KnownPairings.OptimalTransport);
        Assert.IsLessThan(0.5 * independent, optimal);
    }

    [TestMethod]
    public void Fit_OptimalTransportWithClasses_SamplesTheCloudAskedFor()
    {
        var d = _ml.Diffusion();
        var options = Points.Options(steps: 800);
        (options.Pairing, options.Parameterization, options.BatchSize) = (KnownPairings.OptimalTransport, KnownParameterizations.Velocity, 128);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Cloud")
            .Append(d.Transforms.NoiseSchedule("Point", KnownSchedules.RectifiedFlow))
            .Append(d.Trainers.Denoiser("Point", "Cloud", options))
            .Append(d.Transforms.Sampler("Sample", new() { Solver = KnownSolvers.Euler, BatchSize = 512, Steps = 4 }))
            .Fit(Points.Load(_ml));
        var samples = Points.Samples(_ml, model.Transform(Points.Queries(_ml, 512, "left")));
        // The clouds are eight deviations apart. Paired across classes, a sixth of the samples ended at the other cloud or between them.
        Assert.IsLessThan(0.02, samples.Count(sample => sample[0] > 0) / 512.0);
        double mean = samples.Average(sample => (double)sample[0]), deviation = Math.Sqrt(samples.Average(sample => Math.Pow(sample[0] - mean, 2)));
        // Known from 512 samples to 0.02; four steps of Euler's method and 800 of training leave the rest.
        Assert.AreEqual(Points.Left[0], mean, 0.25);
        Assert.AreEqual(Points.Deviation, deviation, 0.2);
    }

    [TestMethod]
    public void Pair_Conditions_StayAmongThemselvesMissingOnesToo()
    {
        float[] samples = [3, -3, 2, -2, 1, -1, 5], noise = [-1, 1, -2, 2, 0, 3, 7], conditions = [1, 1, float.NaN, float.NaN, 1, 2, 2];
        Assert.AreSequenceEqual(new[] { 1, 0, 3, 2, 4, 5, 6 }, ConditionalPairing.Pair(KnownPairings.OptimalTransport, samples, noise, conditions, 7)!);
        Assert.IsNull(ConditionalPairing.Pair(KnownPairings.Independent, samples, noise, conditions, 7));
        Assert.AreSequenceEqual(KnownPairings.OptimalTransport.Pair(samples, noise, 7)!, ConditionalPairing.Pair(KnownPairings.OptimalTransport, samples, noise, [], 7)!);
    }

    private double Between(NoisePairing pairing)
    {
        var d = _ml.Diffusion();
        var options = Points.Options(steps: 800);
        (options.Pairing, options.Parameterization, options.BatchSize) = (pairing, KnownParameterizations.Velocity, 128);
        using var model = d.Transforms.NoiseSchedule("Point", KnownSchedules.RectifiedFlow)
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { Solver = KnownSolvers.Euler, BatchSize = 512, Steps = 2 }))
            .Fit(Points.Load(_ml));
        var samples = Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024)));
        return samples.Count(sample => Math.Abs(sample[0]) < 1) / 1024.0;
    }

    private static double[] Normal(int count, int seed)
    {
        var values = new float[count];
        RowNoise.FillNormal(values, (ulong)seed, new RowKey(0), 0);
        return [.. values.Select(value => (double)value)];
    }

    private static IEnumerable<int[]> Permutations(int count)
        => count == 0 ? [[]] : Permutations(count - 1).SelectMany(order => Enumerable.Range(0, count).Select(place => (int[])[.. order.Take(place), count - 1, .. order.Skip(place)]));
}
