namespace Microsoft.ML.Diffusion;

/// <summary>Runs a plan on one number, with a made-up denoiser: plans that mean the same give the same.</summary>
internal static class PlanProbe
{
    /// <summary>The result for a start at the prior's scale, with made-up draws. The plan has no inputs.</summary>
    public static double Run(SamplingPlan plan)
    {
        var values = new Dictionary<Register, double> { [Register.Start] = plan.Grid.PriorScale };
        for (int draw = 0; draw < plan.CountOf(RegisterKind.Noise); draw++)
            values[new Register(RegisterKind.Noise, draw)] = Math.Cos(draw);
        foreach (var instruction in plan.Instructions)
        {
            values[instruction.Destination] = instruction switch
            {
                Combine combine => Sum(combine, values),
                // Any bounded function that differs from level to level; homogeneous, as denoisers are.
                Evaluate evaluate => Math.Sin(values[evaluate.Source] / Math.Sqrt(Math.Pow(evaluate.Level.Alpha, 2) + Math.Pow(evaluate.Level.Sigma, 2)) + evaluate.Level.Sigma),
                Multiply multiply => values[multiply.Factor] * values[multiply.Source],
                Restrict restrict => Math.Clamp(values[restrict.Source], -restrict.Limit.Largest, restrict.Limit.Largest),
                Blend blend => values[blend.Outside] + values[blend.Mask] * (values[blend.Inside] - values[blend.Outside]),
                ScaleByNorms scale => values[scale.Source] * Math.Pow(Math.Abs(values[scale.Numerator] / values[scale.Denominator]), scale.Power),
                _ => throw new NotSupportedException($"Unknown plan instruction {instruction.GetType().Name}."),
            };
            if (instruction is Evaluate answer)
                values[answer.Deviation] = 1 + values[answer.Destination] / 2;
        }
        return values[plan.Output];
    }

    private static double Sum(Combine combine, Dictionary<Register, double> values)
    {
        double sum = 0;
        foreach (var term in combine.Terms)
            sum += term.Coefficient * values[term.Source];
        return sum;
    }
}
