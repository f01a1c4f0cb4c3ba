using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ParameterizationTests
{
    private static readonly Parameterization[] All =
    [
        KnownParameterizations.Epsilon, KnownParameterizations.Score, KnownParameterizations.X0, KnownParameterizations.V, KnownParameterizations.Edm, new EdmParameterization(2),
        KnownParameterizations.Velocity, new VelocityParameterization(new CosineFlowSchedule()), new VelocityParameterization(new RectifiedFlowSchedule(sigmaMin: 0.1)),
        KnownParameterizations.Consistency, new ConsistencyParameterization(1.5, 0.1),
    ];

    // Variance preserving, variance exploding, rectified flow, and almost pure noise.
    private static readonly NoiseLevel[] Levels = [new(0.8, 0.6), new(1, 25), new(0.25, 0.75), new(1e-3, 1)];

    public static IEnumerable<object[]> Pairs => from parameterization in All from level in Levels select new object[] { parameterization, level };

    [TestMethod]
    [DynamicData(nameof(Pairs))]
    public void Denoise_ItsOwnTarget_IsX0(Parameterization parameterization, NoiseLevel level)
    {
        using var x0 = tensor(new double[,] { { 0.3, -0.7 } });
        using var x = tensor(new double[,] { { 1.1, 0.2 } });
        TensorLeak.AssertNone(() =>
        {
            using var target = parameterization.Target(x, x0, level);
            using var back = parameterization.Denoise(x, target, level);
            // Rounding, times σ/α of 1000 at most.
            Assert.AreEqual(0.3, back.data<double>()[0], 1e-12);
            Assert.AreEqual(-0.7, back.data<double>()[1], 1e-12);
        });
    }

    [TestMethod]
    [DynamicData(nameof(Pairs))]
    public void At_ScaledLevel_AsksTheNetworkTheSame(Parameterization parameterization, NoiseLevel level)
    {
        const double Scale = 3.5;
        var (skip, outer, inner) = parameterization.At(level);
        var scaled = parameterization.At(new NoiseLevel(Scale * level.Alpha, Scale * level.Sigma));
        // Relative rounding.
        Assert.AreEqual(skip, scaled.Skip * Scale, 1e-13 * Math.Abs(skip));
        Assert.AreEqual(outer, scaled.Out, 1e-13 * Math.Abs(outer));
        Assert.AreEqual(inner, scaled.In * Scale, 1e-13 * inner);
    }

    [TestMethod]
    public void Target_KnownData_IsWhatTheNameSays()
    {
        var (alpha, sigma) = (0.6, 0.8);
        using var x0 = tensor(new double[,] { { 0.5 } });
        using var x = tensor(new double[,] { { alpha * 0.5 + sigma * -1.5 } });
        double Target(Parameterization parameterization)
        {
            using var target = parameterization.Target(x, x0, new NoiseLevel(alpha, sigma));
            return target.item<double>();
        }
        Assert.AreEqual(-1.5, Target(KnownParameterizations.Epsilon), 1e-14);
        Assert.AreEqual(0.5, Target(KnownParameterizations.X0), 1e-14);
        // v = α·ε − σ·x0 (Salimans and Ho 2022).
        Assert.AreEqual(alpha * -1.5 - sigma * 0.5, Target(KnownParameterizations.V), 1e-14);
        // σ·score = −ε (Song and Ermon 2020).
        Assert.AreEqual(1.5, Target(KnownParameterizations.Score), 1e-14);
        // The velocity of the straight line.
        Assert.AreEqual(-1.5 - 0.5, Target(KnownParameterizations.Velocity), 1e-14);
    }

    [TestMethod]
    public void Target_Velocity_IsTheDerivativeOfThePath()
    {
        NoiseSchedule[] paths = [new RectifiedFlowSchedule(), new RectifiedFlowSchedule(sigmaMin: 0.1), new CosineFlowSchedule(), new PolynomialFlowSchedule(2), new LinearVpFlowSchedule(), new VpSchedule()];
        foreach (var path in paths)
        {
            const double T = 0.4, H = 1e-5, X0 = 0.5, Epsilon = -1.5;
            double At(double t) => path.At(t).Alpha * X0 + path.At(t).Sigma * Epsilon;
            using var x0 = tensor(new double[,] { { X0 } });
            using var x = tensor(new double[,] { { At(T) } });
            using var velocity = new VelocityParameterization(path).Target(x, x0, path.At(T));
            // Central differences: h² times a third derivative of a thousand at most, and rounding of 1e-16/h.
            Assert.AreEqual((At(T + H) - At(T - H)) / (2 * H), velocity.item<double>(), 1e-7, path.GetType().Name);
        }
    }

    [TestMethod]
    public void At_PureNoise_IsRefusedByEpsilonAndScoreAloneWithTheAlternatives()
    {
        var noise = new NoiseLevel(0, 1);
        foreach (var parameterization in All.Take(2))
            Assert.Contains("use v, x0 or EDM", Assert.ThrowsExactly<ArgumentException>(() => parameterization.At(noise)).Message);
        foreach (var parameterization in All.Skip(2))
        {
            var (skip, outer, inner) = parameterization.At(noise);
            Assert.IsTrue(double.IsFinite(skip) && double.IsFinite(outer) && double.IsFinite(inner));
        }
    }

    [TestMethod]
    public void Consistency_CleanestLevel_IsTheIdentityAndWithoutOneItIsEdm()
    {
        // A power of two, so that α·r_min is exact.
        const double Least = 1.0 / 512;
        var (skip, outer, _) = new ConsistencyParameterization(0.7, Least).At(new NoiseLevel(0.5, 0.5 * Least));
        Assert.AreEqual(1 / 0.5, skip, 1e-15);
        Assert.AreEqual(0, outer);
        foreach (var level in Levels)
        {
            var (expected, found) = (new EdmParameterization(0.7).At(level), new ConsistencyParameterization(0.7, 0).At(level));
            Assert.AreEqual(expected.Skip, found.Skip, 1e-14 * expected.Skip);
            Assert.AreEqual(expected.Out, found.Out, 1e-14);
            Assert.AreEqual(expected.In, found.In, 1e-14 * expected.In);
        }
    }

    [TestMethod]
    public void Constructor_IllegalDataScale_SaysWhatWasGot()
    {
        Assert.Contains("-2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new EdmParameterization(-2)).Message);
        Assert.Contains("-2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConsistencyParameterization(-2)).Message);
        Assert.Contains("-2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConsistencyParameterization(1, -2)).Message);
    }
}
