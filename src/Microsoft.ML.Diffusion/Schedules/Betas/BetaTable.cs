namespace Microsoft.ML.Diffusion;

/// <summary>The β tables of the discrete schedules.</summary>
internal static class BetaTable
{
    public static double[] Linear(int steps, double betaStart, double betaEnd)
    {
        Check(steps, betaStart, betaEnd);
        return Rise(steps, betaStart, betaEnd);
    }

    public static double[] ScaledLinear(int steps, double betaStart, double betaEnd)
    {
        Check(steps, betaStart, betaEnd);
        var roots = Rise(steps, Math.Sqrt(betaStart), Math.Sqrt(betaEnd));
        return Array.ConvertAll(roots, root => root * root);
    }

    public static double[] Cosine(int steps, double offset, double betaMax)
    {
        CheckSteps(steps);
        if (!(offset is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The offset must be in (0, 1).");
        CheckBetaMax(betaMax);
        return OfAlphaBar(steps, betaMax, t =>
        {
            double cosine = Math.Cos((t + offset) / (1 + offset) * Math.PI / 2);
            return cosine * cosine;
        });
    }

    public static double[] Sqrt(int steps, double squareStart, double squareEnd)
    {
        Check(steps, squareStart, squareEnd);
        return Array.ConvertAll(Rise(steps, squareStart, squareEnd), Math.Sqrt);
    }

    public static double[] SigmoidBeta(int steps, double betaStart, double betaEnd)
    {
        Check(steps, betaStart, betaEnd);
        return Array.ConvertAll(Rise(steps, -6, 6), x => Logistic(x) * (betaEnd - betaStart) + betaStart);
    }

    public static double[] Sigmoid(int steps, double start, double end, double temperature, double betaMax)
    {
        CheckSteps(steps);
        CheckBetaMax(betaMax);
        if (!(double.IsFinite(start) && double.IsFinite(end) && start < end))
            throw new ArgumentOutOfRangeException(nameof(start), $"Expected finite start < end, got {start} and {end}.");
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature τ must be positive and finite.");
        double last = Logistic(end / temperature);
        // The scale of the curve cancels in β.
        return OfAlphaBar(steps, betaMax, t => last - Logistic((t * (end - start) + start) / temperature));
    }

    /// <summary>Lin et al. 2023, Algorithm 1: √ᾱ shifted to end at 0, and scaled to begin where it began.</summary>
    public static double[] ToZeroTerminalSnr(IReadOnlyList<double> alphaBars)
    {
        double first = Math.Sqrt(alphaBars[0]), last = Math.Sqrt(alphaBars[alphaBars.Count - 1]);
        var betas = new double[alphaBars.Count];
        double before = 1;
        for (int k = 0; k < betas.Length; k++)
        {
            double root = (Math.Sqrt(alphaBars[k]) - last) * first / (first - last);
            betas[k] = 1 - root * root / before;
            before = root * root;
        }
        return betas;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] OfAlphaBar(int steps, double betaMax, Func<double, double> alphaBar)
    {
        var betas = new double[steps];
        for (int k = 0; k < steps; k++)
            betas[k] = Math.Min(1 - alphaBar((k + 1.0) / steps) / alphaBar((double)k / steps), betaMax);
        return betas;
    }

    private static double[] Rise(int steps, double from, double to)
    {
        var values = new double[steps];
        double step = (to - from) / (steps - 1);
        for (int k = 0; k < steps; k++)
            values[k] = from + k * step;
        values[^1] = to;
        return values;
    }

    private static void Check(int steps, double betaStart, double betaEnd)
    {
        CheckSteps(steps);
        if (!(betaStart is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(betaStart), betaStart, "β of the first step must be in (0, 1).");
        if (!(betaEnd >= betaStart && betaEnd < 1))
            throw new ArgumentOutOfRangeException(nameof(betaEnd), betaEnd, $"β of the last step must be in [{betaStart}, 1).");
    }

    private static void CheckBetaMax(double betaMax)
    {
        if (!(betaMax is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(betaMax), betaMax, "The largest β must be in (0, 1).");
    }

    private static void CheckSteps(int steps)
    {
        if (steps is < 2 or > DiscreteSchedule.MostSteps)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"A discrete schedule needs at least 2 steps, and takes at most {DiscreteSchedule.MostSteps}.");
    }
}
