using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>A network that a case states as a formula: tanh(x)·(a + b·c) or tanh(x)·(a + c/d), with c what it is told about the level.</summary>
internal sealed partial class FormulaNetwork
{
    private readonly double _constant, _slope;

    private FormulaNetwork(double constant, double slope) => (_constant, _slope) = (constant, slope);

    /// <summary>The network of a formula; null where it is of another form.</summary>
    public static FormulaNetwork? Read(string formula)
    {
        var match = Form().Match(formula);
        if (!match.Success)
            return null;
        double Number(string group, double missing) => match.Groups[group].Success ? double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : missing;
        return new FormulaNetwork(Number("a", 0), Number("b", 1) / Number("d", 1));
    }

    /// <summary>The answer for an input [B, ...]: a fresh tensor.</summary>
    /// <param name="input">The input.</param>
    /// <param name="told">What it is told about the level of each row.</param>
    public Tensor Answer(Tensor input, IEnumerable<double> told)
    {
        using var bounded = input.tanh();
        using var factors = tensor([.. told.Select(value => _constant + _slope * value)], [input.size(0), .. Enumerable.Repeat(1L, (int)input.dim() - 1)]);
        return bounded.mul(factors);
    }

    [GeneratedRegex(@"tanh\(\w+\)\*\((?<a>[0-9.e-]+)\+((?<b>[0-9.e-]+)\*)?[a-z]\w*(/(?<d>[0-9.e-]+))?\)$")]
    private static partial Regex Form();
}
