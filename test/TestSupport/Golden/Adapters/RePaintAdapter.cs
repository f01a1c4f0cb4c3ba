using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// diffusers' RePaintScheduler. It draws noise for every training step of a jump, where a plan draws once; and it takes one draw for both regions of a step.
/// </summary>
internal sealed class RePaintAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").StartsWith("diffusers RePaint", StringComparison.Ordinal)
            || DiffusersConfig.Schedule(settings) is not { } schedule || settings.Flag("clip_sample"))
            return false;
        int steps = settings.Whole("num_inference_steps"), stride = schedule.Steps / steps;
        double eta = settings.Number("eta", 0);
        var grid = KnownSpacings.Leading.Grid(schedule, steps);
        var resampling = new Resampling(settings.Whole("jump_length", 10), settings.Whole("jump_n_sample", 10), (stride - 1.0) / (schedule.Steps - 1));
        var times = @case["timesteps"].Numbers();
        comparison.Equal("timesteps", [.. Times(grid, resampling).Select(time => time * (schedule.Steps - 1))], times);

        var plan = Inpainting.Plan(new DdimSolver(eta), grid, resampling);
        using var noise = new JumpNoise(plan, schedule, @case["noises"], times, stride);
        using var recording = new RecordingDenoiser(file.Mixture());
        using var start = @case["x_init"].ToTensor();
        using var source = @case["original"].ToTensor();
        using var known = @case["mask"].ToTensor();
        using var mask = known.eq(zeros_like(known)).to(float64);
        using var sample = PlanRunner.Run(plan, recording, start, Conditioning.None, noise, [mask, source]);
        // The state before each step is what the step or jump before it left.
        var trajectory = @case["trajectory"].EnumerateArray().ToArray();
        int call = 0;
        for (int i = 0; i < times.Length && call < recording.Calls.Count; i++)
            if (i == 0 || times[i] < times[i - 1])
            {
                comparison.Equal($"state before step {i}", recording.Calls[call++].X, i == 0 ? @case["x_init"] : trajectory[i - 1]);
            }
        comparison.Equal("number of model calls", plan.Evaluations, call);
        comparison.Equal("sample", sample, trajectory[^1]);
        return true;
    }

    // The time of each step's start, and for each step of a jump the time one step noisier than where it ends.
    private static IEnumerable<double> Times(TimeGrid grid, Resampling resampling)
    {
        foreach (var (from, to) in resampling.Walk(grid.Steps))
            if (from < to)
                for (int point = from; point < to; point++)
                    yield return grid.Times[point];
            else
                for (int point = from - 1; point >= to; point--)
                    yield return grid.Times[point - 1];
    }

    private sealed class JumpNoise : INoiseSource, IDisposable
    {
        private readonly Dictionary<int, Tensor> _draws = [];

        public JumpNoise(SamplingPlan plan, DiscreteSchedule schedule, JsonElement recorded, double[] times, int stride)
        {
            // The plan's draws in order: those of a step are with an answer (fresh noise) or an input (the known region).
            var draws = recorded.EnumerateArray().ToArray();
            var combines = new Queue<Combine>(plan.Instructions.OfType<Combine>().Where(combine => DrawOf(combine) is not null));
            int used = 0;
            for (int i = 0; i < times.Length;)
            {
                if (i == 0 || times[i] < times[i - 1])
                {
                    while (combines.TryPeek(out var combine) && combine.Terms.Any(term => term.Source.Kind is RegisterKind.Denoised or RegisterKind.Input))
                    {
                        _draws.Add(DrawOf(combines.Dequeue())!.Value, draws[used].ToTensor());
                        // Both regions of the step before clean data are drawn for by none.
                        if (combine.Terms.Any(term => term.Source.Kind == RegisterKind.Input))
                            break;
                    }
                    used++;
                    i++;
                    continue;
                }
                // Σ √β_k·z_k·Π√(1 − β_later), divided by its deviation: the jump's one draw.
                int last = i;
                while (last + 1 < times.Length && times[last + 1] > times[last])
                    last++;
                var sum = zeros_like(draws[used].ToTensor());
                double variance = 0;
                for (int jump = i; jump <= last; jump++)
                    for (int k = 0; k < stride; k++)
                    {
                        double beta = schedule.Betas[(int)Math.Round(times[jump - 1]) + k];
                        using var z = draws[used++].ToTensor();
                        using var kept = sum.mul(tensor(Math.Sqrt(1 - beta), float64));
                        using var added = z.mul(tensor(Math.Sqrt(beta), float64));
                        sum.Dispose();
                        sum = kept.add(added);
                        variance = (1 - beta) * variance + beta;
                    }
                using (sum)
                    _draws.Add(DrawOf(combines.Dequeue())!.Value, sum.div(tensor(Math.Sqrt(variance), float64)));
                i = last + 1;
            }
        }

        public Tensor Normal(int draw, Tensor like) => _draws[draw].reshape(like.shape).clone();

        public Tensor Uniform(int draw, Tensor like) => Normal(draw, like);

        public void Dispose()
        {
            foreach (var draw in _draws.Values)
                draw.Dispose();
        }

        private static int? DrawOf(Combine combine)
        {
            foreach (var term in combine.Terms)
                if (term.Source.Kind == RegisterKind.Noise)
                    return term.Source.Index + 1;
            return null;
        }
    }
}
