using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A linear combination of registers, written as algebra: what a solver computes with while it is traced.
/// </summary>
/// <remarks>Immutable. Terms whose coefficient is exactly 0 vanish.</remarks>
public readonly struct LinearExpression
{
    private readonly PlanTerm[]? _terms;

    private LinearExpression(PlanTerm[] terms) => _terms = terms;

    internal LinearExpression(Register register) => _terms = [new PlanTerm(register, 1)];

    /// <summary>The terms, each register once.</summary>
    public ReadOnlySpan<PlanTerm> Terms => _terms;

    /// <summary>The register, where the expression is nothing but one register.</summary>
    internal Register? AsRegister => _terms is [{ Coefficient: 1 } term] ? term.Source : null;

    /// <summary>The terms, without a copy: their array is never written to once an expression holds it.</summary>
    internal ImmutableArray<PlanTerm> ToImmutable() => ImmutableCollectionsMarshal.AsImmutableArray(_terms ?? []);

    /// <summary>The sum of two expressions.</summary>
    /// <param name="left">An expression.</param>
    /// <param name="right">An expression.</param>
    public static LinearExpression operator +(LinearExpression left, LinearExpression right) => Sum(left.Terms, right.Terms, 1);

    /// <summary>The difference of two expressions.</summary>
    /// <param name="left">An expression.</param>
    /// <param name="right">An expression.</param>
    public static LinearExpression operator -(LinearExpression left, LinearExpression right) => Sum(left.Terms, right.Terms, -1);

    /// <summary>The negative of an expression.</summary>
    /// <param name="expression">An expression.</param>
    public static LinearExpression operator -(LinearExpression expression) => -1 * expression;

    /// <summary>A number times an expression.</summary>
    /// <param name="factor">A number.</param>
    /// <param name="expression">An expression.</param>
    public static LinearExpression operator *(double factor, LinearExpression expression)
    {
        var source = expression.Terms;
        if (factor == 0)
            return default;
        var terms = new PlanTerm[source.Length];
        for (int i = 0; i < terms.Length; i++)
            terms[i] = source[i] with { Coefficient = factor * source[i].Coefficient };
        return new LinearExpression(terms);
    }

    /// <summary>An expression times a number.</summary>
    /// <param name="expression">An expression.</param>
    /// <param name="factor">A number.</param>
    public static LinearExpression operator *(LinearExpression expression, double factor) => factor * expression;

    /// <summary>An expression divided by a number.</summary>
    /// <param name="expression">An expression.</param>
    /// <param name="divisor">A number other than 0.</param>
    public static LinearExpression operator /(LinearExpression expression, double divisor) => 1 / divisor * expression;

    private static LinearExpression Sum(ReadOnlySpan<PlanTerm> left, ReadOnlySpan<PlanTerm> right, double sign)
    {
        // A handful of terms: a linear search beats any dictionary.
        var terms = new PlanTerm[left.Length + right.Length];
        left.CopyTo(terms);
        int count = left.Length;
        foreach (var term in right)
        {
            int at = 0;
            while (at < left.Length && terms[at].Source != term.Source)
                at++;
            if (at == left.Length)
                terms[count++] = term with { Coefficient = sign * term.Coefficient };
            else
                terms[at] = term with { Coefficient = terms[at].Coefficient + sign * term.Coefficient };
        }
        int kept = 0;
        for (int i = 0; i < count; i++)
            if (terms[i].Coefficient != 0)
                terms[kept++] = terms[i];
        return new LinearExpression(kept == terms.Length ? terms : terms[..kept]);
    }

    /// <inheritdoc/>
    public override string ToString() => Terms.IsEmpty ? "0" : string.Join(' ', Terms.ToArray());
}
