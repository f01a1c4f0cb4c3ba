using System.Globalization;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>Writes a plan as text.</summary>
internal static class PlanText
{
    public static string Write(SamplingPlan plan, PlanTextOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLines, 2);
        var text = new StringBuilder();
        if (options.Title is not null)
            text.Append(options.Title).Append(": ");
        text.AppendLine(FormattableString.Invariant($"{Plural.Of(plan.Grid.Steps, "step")}, {Plural.Of(plan.Evaluations, "evaluation")}, {Plural.Of(plan.PeakRegisters, "register")}, start scale {plan.Grid.PriorScale:g6}"));
        text.AppendLine(" step         time            α            σ            λ   NFE");
        Abbreviate(text, plan.Grid.Steps + 1, options.MaxLines, i => Row(plan, i));
        if (options.Instructions)
        {
            Abbreviate(text, plan.Instructions.Length, options.MaxLines, i => plan.Instructions[i].ToString());
            text.Append("sample = ").Append(plan.Output);
        }
        return text.ToString().TrimEnd();
    }

    private static void Abbreviate(StringBuilder text, int count, int most, Func<int, string> line)
    {
        int head = count <= most ? count : most - most / 2, tail = count <= most ? 0 : most / 2;
        for (int i = 0; i < head; i++)
            text.AppendLine(line(i));
        if (head + tail < count)
            text.AppendLine(FormattableString.Invariant($"    … {count - head - tail} more"));
        for (int i = count - tail; i < count; i++)
            text.AppendLine(line(i));
    }

    // The evaluations whose steps end at the point or above it.
    private static string Row(SamplingPlan plan, int point)
    {
        var level = plan.Grid.Levels[point];
        int evaluations = plan.Instructions.Count(instruction => instruction is Evaluate { Target: { } target } && target.Ratio >= level.Ratio);
        return string.Create(CultureInfo.InvariantCulture, $"{point,5} {plan.Grid.Times[point],12:g6} {level.Alpha,12:g6} {level.Sigma,12:g6} {level.Lambda,12:g6} {evaluations,5}");
    }
}
