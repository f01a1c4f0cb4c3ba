using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>TabDDPM's losses of tables with numbers and classes, of a network tanh(clamp(x, −5, 5))·W + b + 0.001·t: of a batch, and the bound over all steps.</summary>
internal sealed class TabularLossAdapter : IGoldenAdapter
{
    private const string Network = "out = tanh(clamp(x,-5,5))@W + b + 0.001*t";

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        bool elbo = @case.Has("total_multinomial");
        if (!(elbo || (@case.Has("loss_multinomial") && @case.Text("net") == Network)) || GuidedDiffusionBetasAdapter.Schedule(settings.Text("scheduler"), settings.Whole("T")) is not { } schedule
            || settings.Text("parametrization", "x0") is not ("x0" or "direct"))
            return false;
        using var scope = NewDisposeScope();
        var table = new Table(@case, schedule, settings.Text("parametrization", "x0") == "x0");
        if (elbo)
            CompareBound(@case, comparison, table);
        else
            CompareLoss(@case, comparison, table);
        return true;
    }

    private static void CompareLoss(GoldenCase @case, GoldenComparison comparison, Table table)
    {
        int[] steps = [.. @case["t"].Numbers().Select(step => (int)step)];
        var noise = @case["gaussian_noise"].ToTensor();
        var (answer, state) = table.Ask(noise, table.Uniforms(@case["uniforms"]), steps);
        var bound = table.Classes;
        comparison.Equal("loss_multinomial", bound.LossOfRows(table.Scores(answer), table.LogX0, state.Classes, steps).mean().item<double>(), @case["loss_multinomial"].ToNumber());
        // Of the noise, whatever the network is said to predict.
        var objective = new DenoisingObjective(KnownParameterizations.Epsilon);
        comparison.Equal("loss_gaussian", objective.Loss(table.Numbers(answer), state.Numbers, table.X0, table.Levels(steps)).item<double>(), @case["loss_gaussian"].ToNumber());
        comparison.Equal("log_x_start", table.LogX0, @case["log_x_start"]);
        comparison.Equal("q_pred", bound.Marginal(table.LogX0, steps), @case["q_pred"]);
        comparison.Equal("q_posterior_same_xt", bound.Posterior(table.LogX0, table.LogX0, steps), @case["q_posterior_same_xt"]);
        comparison.Equal("kl_prior", bound.PriorOfRows(table.LogX0), @case["kl_prior"]);
    }

    private static void CompareBound(GoldenCase @case, GoldenComparison comparison, Table table)
    {
        int rows = (int)table.X0.size(0), count = table.Schedule.Steps;
        var gaussian = new VariationalBound(table.Schedule, ReverseVariance.Large, GuidedDiffusionLossAdapter.BinWidth);
        var (numbers, classes) = (new double[rows, count], new double[rows, count]);
        for (int i = 0; i < count; i++)
        {
            int[] steps = [.. Enumerable.Repeat(i, rows)];
            var noise = @case["gaussian_noises"][i].ToTensor();
            var (answer, state) = table.Ask(noise, table.Uniforms(@case["uniforms"], i), steps);
            var estimate = KnownParameterizations.Epsilon.Denoise(state.Numbers, table.Numbers(answer), table.Levels(steps));
            double[] ofNumbers = [.. gaussian.TermsOfRows(estimate, null, table.X0, table.Levels(steps)).data<double>()];
            double[] ofClasses = [.. table.Classes.TermsOfRows(table.Scores(answer), table.LogX0, state.Classes, steps).data<double>()];
            for (int row = 0; row < rows; row++)
                (numbers[row, i], classes[row, i]) = (ofNumbers[row], ofClasses[row]);
        }
        comparison.Equal("losses_gaussian", [.. numbers.Cast<double>()], @case["losses_gaussian"].Numbers());
        comparison.Equal("losses_multinomial", [.. classes.Cast<double>()], @case["losses_multinimial"].Numbers());
        double[] Total(double[,] terms, Tensor prior) => [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, count).Sum(i => terms[row, i]) + prior[row].item<double>())];
        comparison.Equal("total_gaussian", Total(numbers, gaussian.PriorOfRows(table.X0)), @case["total_gaussian"].Numbers());
        comparison.Equal("total_multinomial", Total(classes, table.Classes.PriorOfRows(table.LogX0)), @case["total_multinomial"].Numbers());
    }

    private sealed class Table
    {
        private readonly Tensor _weights, _bias;
        private readonly int _numbers;

        public Table(GoldenCase @case, DiscreteSchedule schedule, bool predictsX0)
        {
            Schedule = schedule;
            _numbers = @case.Params.Whole("num_numerical");
            Classes = new MultinomialBound(schedule, [.. @case.Params.GetProperty("num_classes").Numbers().Select(count => (int)count)], predictsX0);
            (_weights, _bias) = (@case["W"].ToTensor(), @case["b"].ToTensor());
            var rows = @case["x"].ToTensor();
            X0 = rows.narrow(1, 0, _numbers);
            LogX0 = Classes.Encode(rows.narrow(1, _numbers, Classes.ClassCounts.Count).to(ScalarType.Int64));
        }

        public DiscreteSchedule Schedule { get; }

        public MultinomialBound Classes { get; }

        public Tensor X0 { get; }

        public Tensor LogX0 { get; }

        public Tensor Numbers(Tensor answer) => answer.narrow(1, 0, _numbers);

        public Tensor Scores(Tensor answer) => answer.narrow(1, _numbers, LogX0.size(1));

        public NoiseLevels Levels(int[] steps) => new([.. steps.Select(Schedule.LevelOf)], [.. steps.Select(Schedule.TimeOfStep)]);

        // Column after column; in a run over all steps, step after step.
        public Tensor Uniforms(System.Text.Json.JsonElement draws, int run = 0)
            => cat([.. Classes.ClassCounts.Select((_, column) => draws[run * Classes.ClassCounts.Count + column].ToTensor())], 1);

        public (Tensor Answer, (Tensor Numbers, Tensor Classes) State) Ask(Tensor noise, Tensor uniforms, int[] steps)
        {
            var numbers = new GaussianProcess(Schedule).Corrupt(X0, noise, Levels(steps));
            var classes = Classes.Draw(Classes.Marginal(LogX0, steps), uniforms);
            var input = cat([numbers, classes], 1).clamp(-5, 5).tanh();
            var times = tensor([.. steps.Select(step => 0.001 * step)], [steps.Length, 1]);
            return (input.matmul(_weights).add(_bias).add(times), (numbers, classes));
        }
    }
}
