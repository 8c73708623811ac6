import {
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isExpressionStatement,
  isIfStatement,
  isNumericLiteral,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isTypeNode,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast'

/** One small fault that could be made in a file: the text from `start` to `end` is replaced. */
export type Mutant = { start: number; end: number; replacement: string }

const operators: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '+=': ['-='],
  '-=': ['+='],
}
const methods: Record<string, string> = {
  every: 'some',
  some: 'every',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
}
/** Calls that give the same type as what they are called on, so that they can be left out. */
const leftOut = /^(filter|slice|sort|toSorted|reverse|toReversed|trim|toLowerCase)$/

/** Every mutant of a file, in the order of the text. Types, imports, comments and strings have none. */
export function mutantsOf(source: SourceFile): Mutant[] {
  const found: Mutant[] = []
  const replace = (node: Node, ...replacements: string[]) => {
    const start = node.getStart(source)
    found.push(...replacements.map((replacement) => ({ start, end: node.end, replacement })))
  }
  const visit = (node: Node): void => {
    if (isTypeNode(node) || node.kind === SyntaxKind.ImportDeclaration) return
    if (isBinaryExpression(node))
      replace(node.operatorToken, ...(operators[node.operatorToken.getText(source)] ?? []))
    else if (isIfStatement(node)) replace(node.expression, 'true', 'false')
    else if (isConditionalExpression(node)) replace(node.condition, 'true', 'false')
    else if (isNumericLiteral(node))
      replace(node, String(Number(node.getText(source).replaceAll('_', '')) + 1))
    else if (node.kind === SyntaxKind.TrueKeyword) replace(node, 'false')
    else if (node.kind === SyntaxKind.FalseKeyword) replace(node, 'true')
    else if (isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
      replace(node, node.operand.getText(source))
    else if (isExpressionStatement(node)) replace(node, ';')
    else if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression
      const other = methods[name.text]
      if (other !== undefined) replace(name, other)
      if (leftOut.test(name.text)) found.push({ start: expression.end, end: node.end, replacement: '' })
    }
    node.forEachChild(visit)
  }
  visit(source)
  return found.sort((a, b) => a.start - b.start)
}
