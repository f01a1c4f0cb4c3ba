using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What the cases of universal guidance have in common.</summary>
internal static class UniversalCase
{
    /// <summary>Minus the squared distance of each row from a target; null where the case speaks of another loss.</summary>
    /// <param name="loss">The loss in the case's words.</param>
    /// <param name="target">The target [B, ...]; it lives as long as the objective.</param>
    public static GuidanceObjective? Objective(string loss, Tensor target)
    {
        if (!Regex.IsMatch(loss, @"^(sum|mean)\(\([^()]*-\s*target\)(\^|\*\*)2\)"))
            return null;
        bool isMean = loss.StartsWith("mean", StringComparison.Ordinal);
        return GuidanceObjective.From(x0 =>
        {
            using var difference = x0.sub(target);
            using var squares = difference.mul(difference);
            using var rows = squares.flatten(1);
            using var value = isMean ? rows.mean([1L]) : rows.sum(1);
            return value.neg();
        });
    }

    /// <summary>The draws that a recurrent run uses, of those that the reference draws: for each repetition of each step one of the step and one to noise the state again.</summary>
    /// <param name="solver">The solver whose steps are repeated.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="recurrence">k.</param>
    /// <param name="recorded">The reference's draws.</param>
    public static ListedNoise Noise(ISolver solver, TimeGrid grid, int recurrence, JsonElement recorded)
    {
        List<JsonElement> used = [];
        for (int i = 0; i < grid.Steps; i++)
        {
            bool draws = solver.Plan(grid.Slice(i, i + 1)).Instructions.OfType<Combine>().Any(combine => combine.Terms.Any(term => term.Source.Kind == RegisterKind.Noise));
            for (int n = 0; n < recurrence; n++)
            {
                int first = 2 * (i * recurrence + n);
                if (draws)
                    used.Add(recorded[first]);
                if (n < recurrence - 1)
                    used.Add(recorded[first + 1]);
            }
        }
        return new ListedNoise(used, []);
    }

    /// <summary>The number behind a word of a text, such as <c>lr=0.02</c>.</summary>
    public static double? Number(string text, string word)
        => Regex.Match(text, Regex.Escape(word) + @"\s*([-+.\deE]*\d)") is { Success: true } match ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
}
