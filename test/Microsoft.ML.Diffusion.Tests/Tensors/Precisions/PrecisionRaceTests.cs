using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PrecisionRaceTests
{
    [TestMethod]
    [DataRow(10, 5, Precision.BFloat16)]
    [DataRow(10, 9, Precision.BFloat16)]
    // A tie, and an Intel Xeon without matrix units.
    [DataRow(100, 97, Precision.Float32)]
    [DataRow(100, 125, Precision.Float32)]
    public void Run_BothTimed_TheFasterOneUnlessItIsATie(int ofFloat32, int ofBFloat16, Precision expected)
    {
        var clock = new Clock();
        int calls = 0;
        var verdict = PrecisionRace.Run(Work(ofFloat32), Work(ofBFloat16), TimeSpan.FromSeconds(2), Precision.Float32, clock);
        Assert.AreEqual(expected, verdict.Precision);
        Assert.AreEqual((double)ofBFloat16 / ofFloat32, verdict.Ratio, 1e-9, "quotients of whole milliseconds");
        Assert.AreEqual(PrecisionRace.Pairs, verdict.Pairs);
        Assert.AreEqual(2 * (1 + PrecisionRace.Pairs), calls);
        Assert.Contains(expected.ToString(), verdict.ToString());
        Assert.Contains(FormattableString.Invariant($"{(double)ofBFloat16 / ofFloat32:0.00}"), verdict.ToString());

        // The first call of each is slow, as the first of a network is.
        Action Work(int milliseconds)
        {
            bool first = true;
            return () =>
            {
                calls++;
                clock.Now += first ? 2 * milliseconds : milliseconds;
                first = false;
            };
        }
    }

    [TestMethod]
    public void Run_StepsLongerThanTheLimit_OnePair()
    {
        var clock = new Clock();
        foreach (var otherwise in new[] { Precision.Float32, Precision.BFloat16 })
        {
            var verdict = PrecisionRace.Run(() => clock.Now += 3000, () => clock.Now += 1000, TimeSpan.FromSeconds(2), otherwise, clock);
            Assert.AreEqual(1, verdict.Pairs);
            Assert.AreEqual(otherwise, verdict.Precision, "one pair shows nothing");
            Assert.AreEqual(TimeSpan.FromSeconds(8), verdict.Spent);
        }
    }

    [TestMethod]
    public void Run_OtherProgramsHoldUpFloat32_IsNoReasonForBFloat16()
    {
        var clock = new Clock();
        int calls = 0;
        // Most steps in Float32 are held up, one is not.
        var verdict = PrecisionRace.Run(() => clock.Now += ++calls == 4 ? 10 : 100, () => clock.Now += 12, TimeSpan.FromSeconds(2), Precision.BFloat16, clock);
        Assert.AreEqual(Precision.Float32, verdict.Precision);
        Assert.AreEqual(1.2, verdict.Ratio, 1e-9, "quotients of whole milliseconds");
    }

    [TestMethod]
    public void Remember_SameWork_RacesOnce()
    {
        string work = $"{nameof(Remember_SameWork_RacesOnce)} {Guid.NewGuid()}";
        var first = new PrecisionVerdict(Precision.BFloat16, 0.5, 3, TimeSpan.Zero);
        Assert.AreEqual(first, PrecisionRace.Remember(work, () => first));
        Assert.AreEqual(first, PrecisionRace.Remember(work, () => throw new InvalidOperationException("Raced anew.")));
        Assert.AreNotEqual(first, PrecisionRace.Remember(work + " other", () => first with { Precision = Precision.Float32 }));
        // Where there was no room, a longer run may find some.
        Assert.IsNull(PrecisionRace.Remember(work + " short", () => null));
        Assert.AreEqual(first, PrecisionRace.Remember(work + " short", () => first));
    }

    [TestMethod]
    public void Denoise_FasterPrecision_RacesOnceAndAnswersAsTheWinner()
    {
        using var emulation = new EmulatedBFloat16();
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 32, Blocks = 1 }, new DataShape(4));
        using var x = TestNetworks.Rows(new DataShape(4), 4);
        var step = new StepContext(NoiseLevel.FromRatio(0.7));
        var conditions = TestNetworks.Conditions(4);
        foreach (var winner in new[] { Precision.Float32, Precision.BFloat16 })
        {
            // Each look at the clock is later by more than the one before, or by less: the race has Float32 first in each pair.
            var clock = new Clock { Pace = winner == Precision.Float32 ? 2 : 0.5 };
            var faster = new FasterPrecisionDenoiser(denoiser, $"{Guid.NewGuid()}", clock);
            TensorLeak.AssertNone(() =>
            {
                using var answer = faster.Denoise(x, step, conditions).X0;
                using var expected = (winner == Precision.Float32 ? (IDenoiser)denoiser : new PrecisionDenoiser(denoiser, winner)).Denoise(x, step, conditions).X0;
                Assert.AreSequenceEqual(expected.data<float>().ToArray(), answer.data<float>().ToArray());
            });
            Assert.AreEqual(Clock.LooksOfARace, clock.Looks, "the second call does not race anew");
        }
    }

    private sealed class Clock : TimeProvider
    {
        // The start, a beginning and an end for two works in each pair, a look at the limit after all pairs but the last, and the end.
        public const int LooksOfARace = 1 + PrecisionRace.Pairs * 4 + (PrecisionRace.Pairs - 1) + 1;

        public double Now { get; set; }

        public double Pace { get; init; }

        public int Looks { get; private set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp()
        {
            Looks++;
            // Works of 1 and of Pace in turn; one look for the start, and one between pairs.
            Now += Pace == 0 ? 0 : ((Looks - 2) % 5) switch { 1 => 1, 3 => Pace, _ => 0 };
            return (long)(Now * 1000);
        }
    }
}
