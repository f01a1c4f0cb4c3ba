using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variational bound of multinomial diffusion, for columns of classes: each step keeps a class with probability 1 − β and draws it anew from all else (Hoogeboom et al. 2021, arXiv:2102.05379;
/// for tables Kotelnikov et al. 2023, arXiv:2209.15421, section 3).
/// </summary>
/// <remarks>
/// Rows are [B, Σ K], the logarithms of the probabilities of the K classes of each column, one column after the other. Nats. Immutable and thread safe.
/// </remarks>
/// <param name="schedule">The schedule, whose β are the probabilities of drawing anew.</param>
/// <param name="classCounts">K of each column; at least 1.</param>
/// <param name="predictsX0">Whether the network answers with the clean classes, from which the step before follows, or with the step before itself. True unless given.</param>
public sealed class MultinomialBound(DiscreteSchedule schedule, IReadOnlyList<int> classCounts, bool predictsX0 = true)
{
    // Stands for 0 in logarithms.
    private const double Floor = 1e-30;

    private readonly int[] _counts = classCounts is { Count: > 0 } && classCounts.All(count => count >= 1)
        ? [.. classCounts]
        : throw new ArgumentException($"Expected columns of at least one class, got [{string.Join(", ", classCounts ?? [])}].", nameof(classCounts));

    /// <summary>The schedule, whose β are the probabilities of drawing anew.</summary>
    public DiscreteSchedule Schedule { get; } = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <summary>K of each column.</summary>
    public IReadOnlyList<int> ClassCounts => _counts;

    /// <summary>Whether the network answers with the clean classes.</summary>
    public bool PredictsX0 { get; } = predictsX0;

    /// <summary>Rows of known classes: 0 at the class, ln 10⁻³⁰ elsewhere; [B, Σ K], Float64, a fresh tensor.</summary>
    /// <param name="classes">The class of each column, from 0: [B, columns], Int64.</param>
    /// <exception cref="ArgumentException">Not as many columns.</exception>
    public Tensor Encode(Tensor classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.dim() != 2 || classes.size(1) != _counts.Length)
            throw new ArgumentException($"Expected classes [B, {_counts.Length}], got [{string.Join(", ", classes.shape)}].", nameof(classes));
        using var scope = NewDisposeScope();
        var columns = _counts.Select((count, column) => F.one_hot(classes.narrow(1, column, 1).squeeze(1), count).to(ScalarType.Float64));
        return cat([.. columns], 1).Limit(Floor, 1).log().MoveToOuterDisposeScope();
    }

    /// <summary>ln q(x_t | x_0): a fresh tensor.</summary>
    /// <param name="logX0">ln of the probabilities at the start [B, Σ K].</param>
    /// <param name="steps">The step of each row.</param>
    public Tensor Marginal(Tensor logX0, IReadOnlyList<int> steps) => Mix(logX0, steps, step => Math.Log(Schedule.AlphaBars[step]), step => 2 * Math.Log(Schedule.LevelOf(step).Sigma));

    /// <summary>ln q(x_t−1 | x_t, x_0) (Hoogeboom et al. 2021, eq. 13): a fresh tensor. At step 0 the start itself, up to what x_t says.</summary>
    /// <param name="logX0">ln of the probabilities of the start [B, Σ K].</param>
    /// <param name="logXt">The state [B, Σ K].</param>
    /// <param name="steps">The step of each row.</param>
    public Tensor Posterior(Tensor logX0, Tensor logXt, IReadOnlyList<int> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        using var scope = NewDisposeScope();
        var before = RowTensors.Choose([.. steps.Select(step => step == 0)], logX0, Marginal(logX0, [.. steps.Select(step => Math.Max(step - 1, 0))]));
        var step = Mix(logXt, steps, index => Math.Log(1 - Schedule.Betas[index]), index => Math.Log(Schedule.Betas[index]));
        return Normalized(before.Plus(step)).MoveToOuterDisposeScope();
    }

    /// <summary>Draws a class of each column, by Gumbel's trick: rows of known classes, a fresh tensor.</summary>
    /// <param name="logProbabilities">ln of the probabilities [B, Σ K].</param>
    /// <param name="uniforms">Numbers uniform in [0, 1), of the same shape.</param>
    public Tensor Draw(Tensor logProbabilities, Tensor uniforms)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        ArgumentNullException.ThrowIfNull(uniforms);
        using var scope = NewDisposeScope();
        var floor = full_like(uniforms, Floor);
        var scores = uniforms.Plus(floor).log().neg().Plus(floor).log().neg().Plus(logProbabilities);
        using var classes = cat([.. Columns(scores).Select(column => column.argmax(1, keepdim: true))], 1);
        return Encode(classes).to(logProbabilities.dtype, logProbabilities.device).MoveToOuterDisposeScope();
    }

    /// <summary>ln of the network's probabilities of the step before: a fresh tensor.</summary>
    /// <param name="answer">The network's answer, scores of any sum [B, Σ K].</param>
    /// <param name="logXt">The state [B, Σ K].</param>
    /// <param name="steps">The step of each row.</param>
    public Tensor StepBefore(Tensor answer, Tensor logXt, IReadOnlyList<int> steps)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var probabilities = Normalized(answer);
        if (!PredictsX0)
            return probabilities;
        using (probabilities)
            return Posterior(probabilities, logXt, steps);
    }

    /// <summary>The term of each row's step, summed over columns: the divergence from the posterior, for step 0 the negative log-likelihood; [B], through which gradients flow, a fresh tensor.</summary>
    /// <param name="answer">The network's answer [B, Σ K].</param>
    /// <param name="logX0">The clean rows [B, Σ K].</param>
    /// <param name="logXt">The state [B, Σ K].</param>
    /// <param name="steps">The step of each row.</param>
    public Tensor TermsOfRows(Tensor answer, Tensor logX0, Tensor logXt, IReadOnlyList<int> steps)
    {
        ArgumentNullException.ThrowIfNull(logX0);
        using var scope = NewDisposeScope();
        var posterior = Posterior(logX0, logXt, steps);
        var before = StepBefore(answer, logXt, steps);
        var divergence = posterior.exp().mul(posterior.Minus(before)).sum(1);
        var likelihood = logX0.exp().mul(before).sum(1).neg();
        return RowTensors.Choose([.. steps.Select(step => step == 0)], likelihood, divergence).MoveToOuterDisposeScope();
    }

    /// <summary>The divergence of the noisiest state from even odds, summed over columns: [B], a fresh tensor.</summary>
    /// <param name="logX0">The clean rows [B, Σ K].</param>
    public Tensor PriorOfRows(Tensor logX0)
    {
        ArgumentNullException.ThrowIfNull(logX0);
        using var scope = NewDisposeScope();
        var last = Marginal(logX0, [.. Enumerable.Repeat(Schedule.Steps - 1, (int)logX0.size(0))]);
        return last.exp().mul(last.Minus(EvenOdds(logX0))).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of each row: an estimate of the bound from its step, a column on average; [B], through which gradients flow, a fresh tensor.</summary>
    /// <inheritdoc cref="TermsOfRows" path="/param"/>
    public Tensor LossOfRows(Tensor answer, Tensor logX0, Tensor logXt, IReadOnlyList<int> steps)
    {
        using var terms = TermsOfRows(answer, logX0, logXt, steps);
        using var all = terms.Times(Schedule.Steps);
        using var prior = PriorOfRows(logX0);
        using var sum = all.Plus(prior);
        return sum.Times(1.0 / _counts.Length);
    }

    // ln(keep·p + anew/K).
    private Tensor Mix(Tensor logP, IReadOnlyList<int> steps, Func<int, double> logKeep, Func<int, double> logAnew)
    {
        ArgumentNullException.ThrowIfNull(logP);
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count != logP.size(0))
            throw new ArgumentException($"The batch has {Plural.Of(logP.size(0), "row")} but {Plural.Of(steps.Count, "step")}.", nameof(steps));
        using var scope = NewDisposeScope();
        var keep = logP.Plus(RowTensors.Column([.. steps.Select(logKeep)], logP));
        var anew = EvenOdds(logP).Plus(RowTensors.Column([.. steps.Select(logAnew)], logP));
        return logaddexp(keep, anew).MoveToOuterDisposeScope();
    }

    // −ln K of each column [1, Σ K].
    private Tensor EvenOdds(Tensor like)
    {
        using var host = tensor([.. _counts.SelectMany(count => Enumerable.Repeat(-Math.Log(count), count))], [1, _counts.Sum()]);
        return host.to(like.dtype, like.device, copy: true);
    }

    private Tensor Normalized(Tensor scores)
    {
        using var scope = NewDisposeScope();
        return cat([.. Columns(scores).Select(column => F.log_softmax(column, 1))], 1).MoveToOuterDisposeScope();
    }

    private IEnumerable<Tensor> Columns(Tensor rows)
    {
        long offset = 0;
        foreach (int count in _counts)
        {
            yield return rows.narrow(1, offset, count);
            offset += count;
        }
    }
}
