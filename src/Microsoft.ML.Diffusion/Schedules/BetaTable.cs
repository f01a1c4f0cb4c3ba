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
        if (!(betaMax is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(betaMax), betaMax, "The largest β must be in (0, 1).");
        double AlphaBar(double t)
        {
            double cosine = Math.Cos((t + offset) / (1 + offset) * Math.PI / 2);
            return cosine * cosine;
        }
        var betas = new double[steps];
        for (int k = 0; k < steps; k++)
            betas[k] = Math.Min(1 - AlphaBar((k + 1.0) / steps) / AlphaBar((double)k / steps), betaMax);
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

    private static void CheckSteps(int steps)
    {
        if (steps < 2)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "A discrete schedule needs at least 2 steps.");
    }
}
